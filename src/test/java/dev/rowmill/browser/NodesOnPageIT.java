package dev.rowmill.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.assertions.LocatorAssertions;
import dev.rowmill.testing.ServiceProcess;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests that the overview shows the nodes of a cluster, and no nodes without a cluster. */
@ExtendWith(Browsing.class)
class NodesOnPageIT {

  private static final double PATIENCE_MILLIS = Duration.ofMinutes(2).toMillis();

  private static Map<String, String> node(String name) {
    return Map.of(
        "rowmill.cluster.enabled", "true",
        "rowmill.cluster.takeover", "5s",
        "rowmill.node", name);
  }

  private static void shows(Dashboard dashboard, String name, boolean alive) {
    assertThat(dashboard.at("node").filter(new Locator.FilterOptions().setHasText(name)))
        .hasAttribute(
            "data-alive",
            Boolean.toString(alive),
            new LocatorAssertions.HasAttributeOptions().setTimeout(PATIENCE_MILLIS));
  }

  @Test
  void nodes_come_and_go(Sites sites, Tabs tabs) throws Exception {
    Site site = sites.start(node("first-node"));
    Dashboard overview = tabs.open(site.address()).overview();
    shows(overview, "first-node", true);
    assertThat(overview.at("node")).hasCount(1);
    ServiceProcess second = site.rig().start(node("second-node"));
    shows(overview, "second-node", true);
    second.kill();
    shows(overview, "second-node", false);
    shows(overview, "first-node", true);
  }

  @Test
  void a_single_instance_shows_no_nodes(Site site, Tabs tabs) {
    Dashboard overview = tabs.open(site.address()).overview();
    assertThat(overview.at("pool")).not().hasAttribute("aria-busy", "true");
    assertThat(overview.at("tile").first()).isVisible();
    assertThat(overview.at("nodes")).hasCount(0);
  }
}
