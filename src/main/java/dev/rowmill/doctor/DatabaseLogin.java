package dev.rowmill.doctor;

import com.mysql.cj.conf.ConnectionUrl;
import com.mysql.cj.conf.HostInfo;
import com.mysql.cj.conf.PropertyKey;
import com.mysql.cj.exceptions.CJException;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.database.DatabaseUrl;
import dev.rowmill.database.ErrorText;
import dev.rowmill.database.HostsDriver;
import dev.rowmill.database.Rows;
import dev.rowmill.database.ServerError;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;

/**
 * Connects to the configured database, with a finding for each step: URL, hosts, login. The caller
 * closes the connection.
 *
 * @param connection in the schema, or in none if the schema is missing
 * @param schema that the URL names
 */
record DatabaseLogin(Connection connection, String schema, boolean local) {

  private static final String URL = "database-url";
  private static final String HOST = "database-host";
  private static final String LOGIN = "database-login";

  private static final int TIMEOUT_MILLIS = 5_000;

  /** Lists the errors for a schema that is missing, or that the account may not see. */
  private static final Set<ServerError> NO_SCHEMA =
      Set.of(ServerError.ER_BAD_DB_ERROR, ServerError.ER_DBACCESS_DENIED_ERROR);

  /** Returns a connection; empty if there is none, which is then among the findings. */
  static Optional<DatabaseLogin> to(String url, Properties account, Checks checks) {
    Optional<ConnectionUrl> parsed = parsed(url);
    if (parsed.isEmpty()) {
      checks.add(
          Finding.error(
              URL,
              "not a URL of one MySQL or MariaDB server, or of several hosts",
              "Set QUARKUS_DATASOURCE_JDBC_URL as in " + DatabaseUrl.EXAMPLE));
      return Optional.empty();
    }
    String schema = parsed.get().getDatabase();
    if (schema == null || schema.isEmpty()) {
      checks.add(
          Finding.error(
              URL,
              "it names no schema for Rowmill's own tables",
              "Add one at the end of the address, as in " + DatabaseUrl.EXAMPLE));
      return Optional.empty();
    }
    checks.add(Finding.ok(URL, DatabaseUrl.withoutSecrets(url)));
    List<HostInfo> hosts = parsed.get().getHostsList();
    if (!reach(hosts, checks)) {
      return Optional.empty();
    }
    account.setProperty("connectTimeout", String.valueOf(TIMEOUT_MILLIS));
    account.setProperty("socketTimeout", "60000");
    try {
      Connection connection = connect(url, account);
      checks.add(Finding.ok(LOGIN, "the account is " + Account.current(connection).name()));
      return Optional.of(
          new DatabaseLogin(connection, schema, hosts.stream().allMatch(DatabaseLogin::isLocal)));
    } catch (SQLException e) {
      checks.add(Finding.error(LOGIN, ErrorText.of(e), advice(e)));
      return Optional.empty();
    }
  }

  private static Optional<ConnectionUrl> parsed(String url) {
    try {
      ConnectionUrl parsed = ConnectionUrl.getConnectionUrlInstance(url, new Properties());
      return switch (parsed.getType()) {
        case SINGLE_CONNECTION, FAILOVER_CONNECTION -> Optional.of(parsed);
        default -> Optional.empty();
      };
    } catch (CJException e) {
      // The message would show the URL with any passwords in it.
      return Optional.empty();
    }
  }

  /** Returns whether any host accepts connections, and adds a finding for each. */
  private static boolean reach(List<HostInfo> hosts, Checks checks) {
    List<Finding> reached = new ArrayList<>();
    List<String> unreached = new ArrayList<>();
    for (HostInfo host : hosts) {
      if (host.getHostProperties().containsKey(PropertyKey.socketFactory.getKeyName())) {
        reached.add(Finding.ok(HOST, host.getHostPortPair() + " is reached by a socketFactory"));
        continue;
      }
      try (Socket socket = new Socket()) {
        InetAddress address = InetAddress.getByName(host.getHost());
        socket.connect(new InetSocketAddress(address, host.getPort()), TIMEOUT_MILLIS);
        reached.add(Finding.ok(HOST, host.getHostPortPair() + " accepts connections"));
      } catch (UnknownHostException e) {
        unreached.add(host.getHost() + " is not a known host");
      } catch (IOException e) {
        unreached.add(host.getHostPortPair() + " does not accept connections: " + e.getMessage());
      }
    }
    reached.forEach(checks::add);
    for (String problem : unreached) {
      String advice =
          "Start the server, or correct the host and the port in QUARKUS_DATASOURCE_JDBC_URL. Check"
              + " the server's bind-address, and firewalls between both machines.";
      checks.add(
          reached.isEmpty()
              ? Finding.error(HOST, problem, advice)
              : Finding.warning(HOST, problem, advice));
    }
    return !reached.isEmpty();
  }

  private static Connection connect(String url, Properties account) throws SQLException {
    try {
      return opened(url, account);
    } catch (SQLException e) {
      if (!ServerError.isAny(e, NO_SCHEMA)) {
        throw e;
      }
      // The rest can be checked without the schema.
      return opened(url.replaceFirst("^([^/]*//[^/?]*/)[^?]*", "$1"), account);
    }
  }

  private static Connection opened(String url, Properties account) throws SQLException {
    Connection connection = new HostsDriver().connect(url, account);
    if (connection == null) {
      throw new SQLException("this is not a URL of MySQL");
    }
    return connection;
  }

  private static String advice(SQLException e) {
    if (ServerError.ER_ACCESS_DENIED_ERROR.is(e)) {
      return "Check QUARKUS_DATASOURCE_USERNAME and QUARKUS_DATASOURCE_PASSWORD. The account and"
          + " its grants are in docs/databases.md#grants.";
    }
    if (String.valueOf(e.getMessage()).contains("Public Key Retrieval")) {
      return "Enable TLS on the server, or add allowPublicKeyRetrieval=true to the URL.";
    }
    return DatabaseFailure.isAny(e, DatabaseFailure.READ_ONLY)
        ? "Name the primary in QUARKUS_DATASOURCE_JDBC_URL: Rowmill needs a host that accepts"
            + " writes."
        : "Check QUARKUS_DATASOURCE_JDBC_URL and its parameters.";
  }

  /** Checks whether others can read the connection. */
  Finding encryption() throws SQLException {
    String cipher =
        Rows.first(connection, "SHOW SESSION STATUS LIKE 'Ssl_cipher'", row -> row.getString(2))
            .orElse("");
    String check = "database-tls";
    if (!cipher.isEmpty()) {
      return Finding.ok(check, "the connection uses TLS, " + cipher);
    }
    return local
        ? Finding.ok(check, "the connection uses no TLS, and stays on this machine")
        : Finding.warning(
            check,
            "the connection uses no TLS: the network between both machines can read the password"
                + " and all rows",
            "Enable TLS on the server, remove sslMode=DISABLED from the URL, and best set"
                + " sslMode=VERIFY_IDENTITY.");
  }

  private static boolean isLocal(HostInfo host) {
    try {
      return Arrays.stream(InetAddress.getAllByName(host.getHost()))
          .allMatch(InetAddress::isLoopbackAddress);
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
