package dev.rowmill.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Route;
import dev.rowmill.browser.Watch.Kind;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests that forbidden actions of a page are detected. */
@ExtendWith(Browsing.class)
class WatchIT {

  @Test
  void policy_violations_are_noticed(Site site, Tabs tabs) {
    Dashboard dashboard = tabs.open(site.address()).overview();
    dashboard
        .page()
        .evaluate(
            """
            () => {
              const script = document.createElement('script');
              script.textContent = 'window.ranAnyway = true';
              document.head.append(script);
              const image = document.createElement('img');
              image.src = 'http://elsewhere.example/picture.png';
              document.body.append(image);


            }""");
    dashboard.page().waitForCondition(() -> texts(dashboard, Kind.POLICY).size() >= 2);

    assertTrue(
        texts(dashboard, Kind.POLICY).stream().anyMatch(it -> it.contains("script-src")),
        dashboard.watch().findings()::toString);
    assertTrue(
        texts(dashboard, Kind.POLICY).stream()
            .anyMatch(it -> it.contains("img-src") && it.contains("elsewhere.example")),
        dashboard.watch().findings()::toString);
    assertEquals(true, dashboard.page().evaluate("window.ranAnyway === undefined"));
    dashboard.watch().announce("");
  }

  @Test
  void requests_to_another_host_and_failed_ones_are_noticed(Site site, Tabs tabs) {
    Dashboard dashboard = tabs.open(site.address()).overview();
    dashboard
        .page()
        .context()
        .route("http://elsewhere.example/**", route -> route.fulfill(new Route.FulfillOptions()));
    dashboard.page().navigate("http://elsewhere.example/");
    dashboard.page().context().route("**/gone", Route::abort);
    dashboard.page().evaluate("fetch('/gone').catch(() => null)");

    assertEquals(
        Set.of("http://elsewhere.example/", "http://elsewhere.example/gone"),
        texts(dashboard, Kind.FOREIGN_REQUEST));
    dashboard.page().waitForCondition(() -> texts(dashboard, Kind.FAILED_REQUEST).size() == 1);
    dashboard.watch().announce("elsewhere");
  }

  @Test
  void errors_are_noticed(Site site, Tabs tabs) {
    Dashboard dashboard = tabs.open(site.address()).overview();
    dashboard
        .page()
        .evaluate(
            """
            () => {
              console.warn('a warning');
              setTimeout(() => { throw new Error('nobody catches this') });
              return fetch('/api/v1/batches/0').then(() => null);
            }""");
    dashboard.page().waitForCondition(() -> texts(dashboard, Kind.ERROR).size() == 1);
    dashboard.page().waitForCondition(() -> texts(dashboard, Kind.CONSOLE).size() == 2);
    assertTrue(
        texts(dashboard, Kind.CONSOLE).stream().anyMatch(it -> it.contains("404")),
        dashboard.watch().findings()::toString);
    dashboard.watch().announce("a warning|nobody catches this|batches/0");
  }

  private static Set<String> texts(Dashboard dashboard, Kind kind) {
    return dashboard.watch().findings().stream()
        .filter(it -> it.kind() == kind)
        .map(Watch.Finding::text)
        .collect(Collectors.toSet());
  }
}
