package dev.rowmill.throttle;

import com.mysql.cj.conf.ConnectionUrl;
import com.mysql.cj.conf.HostInfo;
import com.mysql.cj.jdbc.Driver;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;

/** Connects to a replica with its address and account. Thread-safe. */
final class Replica {

  /**
   * Limits connecting and each response, so that an unreachable replica does not block the sampler.
   */
  private static final String TIMEOUT_MILLIS = "2000";

  private final String url;
  private final Optional<HostInfo> host;
  private final Properties properties = new Properties();

  /**
   * @param url one that can't be read makes every connection fail with a reason, rather than the
   *     service
   */
  Replica(String url, Optional<String> username, Optional<String> password) {
    this.url = url;
    this.host = host(url);
    boolean hasAccount = host.map(HostInfo::getUser).filter(user -> !user.isEmpty()).isPresent();
    if (!hasAccount) {
      username.ifPresent(it -> properties.setProperty("user", it));
      password.ifPresent(it -> properties.setProperty("password", it));
    }
    // Otherwise the driver starts the platform's tracing, also where the service does not run.
    properties.setProperty("openTelemetry", "DISABLED");
    properties.setProperty("connectTimeout", TIMEOUT_MILLIS);
    properties.setProperty("socketTimeout", TIMEOUT_MILLIS);
    // The server reports a heartbeat in a TIMESTAMP column in the zone of the session.
    properties.setProperty("connectionTimeZone", "UTC");
    properties.setProperty("forceConnectionTimeZoneToSession", "true");
  }

  private static Optional<HostInfo> host(String url) {
    try {
      return Optional.of(
          ConnectionUrl.getConnectionUrlInstance(url, new Properties()).getMainHost());
    } catch (RuntimeException e) {
      // The message would show the URL with any passwords in it.
      return Optional.empty();
    }
  }

  /**
   * Returns host and port, and nothing else of the URL, which may hold a password.
   *
   * @param position its position in the list, which names a replica whose URL is invalid
   */
  String address(int position) {
    return host.map(HostInfo::getHostPortPair)
        .orElse("number " + position + " of rowmill.throttle.replicas");
  }

  /** Returns a new connection that the caller has to close. */
  Connection connect() throws SQLException {
    Connection connection = host.isEmpty() ? null : new Driver().connect(url, properties);
    if (connection == null) {
      throw new SQLException(
          "its URL is not one of MySQL, such as jdbc:mysql://replica.example.com:3306/");
    }
    return connection;
  }
}
