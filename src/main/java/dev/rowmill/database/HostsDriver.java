package dev.rowmill.database;

import com.mysql.cj.conf.ConnectionUrl;
import com.mysql.cj.conf.HostInfo;
import com.mysql.cj.exceptions.CJException;
import com.mysql.cj.jdbc.NonRegisteringDriver;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Extends Connector/J with another way to choose among several hosts of a URL. A connection is made
 * to a host that takes writes, and stays with it until it is closed. The driver's own failover
 * replaces the session under a connection in use by another server's, without the settings that the
 * pool has made. It also returns to the first host between two statements.
 *
 * <p>The hosts are tried in the order of the URL, beginning with the one that took the last
 * connection of this process. So all connections are to the same host, and a host that recovers is
 * not used again until it is needed. A host whose server no longer takes writes, as after a planned
 * switch, is left as soon as another host takes them. Its connections are detected when a pool
 * validates them.
 *
 * <p>Safe for many threads.
 */
public final class HostsDriver extends NonRegisteringDriver {

  /** Lists the server errors of an unavailable host; other errors concern the caller's account. */
  private static final Set<ServerError> AWAY =
      Set.of(
          ServerError.ER_UNKNOWN_COM_ERROR, // from a node that has lost its cluster
          ServerError.ER_SERVER_SHUTDOWN,
          ServerError.ER_SERVER_OFFLINE_MODE);

  /** Holds, by list of hosts, the index of the host that took the last connection. */
  private static final Map<List<String>, Integer> IN_USE = new ConcurrentHashMap<>();

  private static final long CHECK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Holds, by list of hosts, the time of the last search for a host that takes writes. */
  private static final Map<List<String>, Long> CHECKED = new ConcurrentHashMap<>();

  private static final Logger LOG = Logger.getLogger(HostsDriver.class);

  /** Creates a driver; the pools do so by class name. */
  public HostsDriver() throws SQLException {}

  /**
   * Connects to a host of the URL; returns null for a URL of another driver.
   *
   * @throws SQLException when there is no connection. With several hosts: the first error that does
   *     not concern a host alone, or else one that names all hosts
   */
  @Override
  public @Nullable Connection connect(String url, Properties properties) throws SQLException {
    ConnectionUrl parsed = null;
    try {
      if (ConnectionUrl.acceptsUrl(url)) {
        parsed = ConnectionUrl.getConnectionUrlInstance(url, properties);
      }
    } catch (CJException e) {
      throw new SQLException(e.getMessage(), "08001", e);
    }
    if (parsed == null) {
      return null;
    }
    return switch (parsed.getType()) {
      case SINGLE_CONNECTION -> ValidatedConnection.to(parsed.getMainHost(), () -> false);
      case FAILOVER_CONNECTION -> toOneOf(parsed.getHostsList());
      default ->
          throw new SQLException(
              "Rowmill does not support this kind of URL: name one host or several, as in"
                  + " jdbc:mysql://a.example.com,b.example.com/rowmill",
              "08001");
    };
  }

  private static Connection toOneOf(List<HostInfo> hosts) throws SQLException {
    List<String> names = names(hosts);
    int first = IN_USE.getOrDefault(names, 0);
    List<String> why = new ArrayList<>();
    SQLException away = null;
    boolean readOnly = false;
    for (int i = 0; i < hosts.size(); i++) {
      int next = (first + i) % hosts.size();
      try {
        ValidatedConnection connection =
            ValidatedConnection.to(hosts.get(next), () -> switchHost(hosts, next));
        if (connection.takesWrites()) {
          IN_USE.put(names, next);
          return connection;
        }
        connection.close();
        readOnly = true;
        why.add(names.get(next) + " is read-only");
      } catch (SQLException e) {
        if (!isAway(e)) {
          throw e;
        }
        away = e;
        why.add(names.get(next) + " is unavailable");
      }
    }
    String message = "no host accepts writes: " + String.join(", ", why);
    throw readOnly || away == null
        ? new SQLException(
            message, "HY000", ServerError.ER_OPTION_PREVENTS_STATEMENT.number(), away)
        : new SQLException(message, away.getSQLState(), away.getErrorCode(), away);
  }

  /**
   * Returns whether connections must leave a host that no longer takes writes, as another one does.
   * Searched for at most once a second, by one thread. Where none does, the host can still be read
   * from.
   */
  private static boolean switchHost(List<HostInfo> hosts, int from) {
    List<String> names = names(hosts);
    if (IN_USE.getOrDefault(names, from) != from) {
      return true;
    }
    long now = System.nanoTime();
    Long before = CHECKED.putIfAbsent(names, now);
    if (before != null
        && (now - before < CHECK_AGAIN_NANOS || !CHECKED.replace(names, before, now))) {
      return false;
    }
    for (int i = 1; i < hosts.size(); i++) {
      int next = (from + i) % hosts.size();
      try (ValidatedConnection other = ValidatedConnection.to(hosts.get(next), () -> false)) {
        if (other.takesWrites()) {
          IN_USE.put(names, next);
          return true;
        }
      } catch (SQLException e) {
        LOG.debugf("%s can't be used instead: %s", names.get(next), e.getMessage());
      }
    }
    return false;
  }

  private static List<String> names(List<HostInfo> hosts) {
    return hosts.stream().map(HostInfo::getHostPortPair).toList();
  }

  /**
   * Returns whether a host is unavailable. Errors without a number are the driver's own: nothing
   * listens, or nothing responds.
   */
  private static boolean isAway(SQLException error) {
    return ServerError.isAny(error, AWAY)
        || (ServerError.isOfDriver(error) && ServerError.isOfClass(error, "08"));
  }
}
