package dev.rowmill.browser;

import dev.rowmill.testing.TestServer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Starts empty sites for one test, if the shared site is unsuitable. They end after the test's
 * tabs. Not thread-safe.
 */
final class Sites {

  private final TestServer server;
  private final List<Site> open = new ArrayList<>();

  Sites(TestServer server) {
    this.server = server;
  }

  /**
   * Starts a site.
   *
   * @param config properties of the service
   */
  Site start(Map<String, String> config) throws SQLException {
    Site site = new Site(server, config);
    open.add(site);
    return site;
  }

  void close() {
    open.forEach(Site::close);
    open.clear();
  }
}
