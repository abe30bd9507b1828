package dev.rowmill.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Restarts the service at the same address while its pages are open. */
@ExtendWith(Browsing.class)
class RestartIT {

  private static final int ROWS = 8_000;

  /**
   * Matches the browser's messages about a service that is down, is stopping, or has closed a
   * stream.
   */
  private static final String AWAY =
      "net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|CONNECTION_CLOSED|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING|SOCKET_NOT_CONNECTED)"
          + "|status of 503"
          // A file requested at the last moment, when Vert.x has already closed its file cache.
          + "|status of 500 .* at \\S+/dashboard/";

  @Test
  void pages_reconnect_by_themselves(Sites sites, Tabs tabs) throws Exception {
    Map<String, String> config =
        Map.of("quarkus.http.port", Integer.toString(TestServer.freePort()));
    Site site = sites.start(config);
    WorkTable table = site.rig().table(ROWS);
    long id = site.slow("night-import", table, 50);
    Dashboard batch = tabs.open(site.address()).batch(id);
    Dashboard overview = tabs.open(site.address()).overview();
    batch.watch().announce(AWAY);
    for (Consumer<ServiceProcess> end :
        List.<Consumer<ServiceProcess>>of(ServiceProcess::stop, ServiceProcess::kill)) {
      overview.showsProject("night-import", "running");
      double seen = batch.awaitBarPast(batch.awaitBarPast(0));

      end.accept(site.service());
      assertThat(batch.at("connection")).isVisible();
      assertThat(overview.at("connection")).isVisible();
      assertTrue(batch.bar() >= seen, "the previous data is still shown");

      site.start(config);
      batch.awaitGone("connection");
      overview.awaitGone("connection");
      batch.shows("running");
      batch.awaitBarPast(seen);
      overview.showsProject("night-import", "running");
    }
    site.let(id);
    batch.shows("succeeded");
    overview.showsProject("night-import", "idle");
    assertEquals(ROWS, table.rowsWith(1));
  }
}
