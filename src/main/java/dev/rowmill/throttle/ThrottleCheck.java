package dev.rowmill.throttle;

import dev.rowmill.database.Rows;
import dev.rowmill.database.ServerError;
import dev.rowmill.database.ServerKind;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads each value of the throttles once, outside of the service, to find out whether the account
 * may read it. Stateless.
 */
public final class ThrottleCheck {

  private static final String NO_CONNECTION = "0";

  private ThrottleCheck() {}

  /**
   * Represents a replica at one moment.
   *
   * @param address host and port, or the position in the list of those whose URL is invalid
   * @param account the account that the replica has accepted; null if it was not reached
   * @param mariaDb whether it was reached and is MariaDB
   * @param seconds how far it is behind; 0 with an error
   * @param error why its lag can't be read; null if it was read
   */
  public record ReplicaReading(
      String address,
      @Nullable String account,
      boolean mariaDb,
      double seconds,
      @Nullable SQLException error) {}

  /**
   * Reads the length of InnoDB's history, which needs a privilege on MySQL only.
   *
   * @throws SQLException when it can't be read
   */
  public static void readHistory(Connection connection) throws SQLException {
    if (!ServerKind.isMariaDb(connection)) {
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery(HistoryProbe.SQL)) {
        HistoryProbe.read(row);
      }
    }
  }

  /**
   * Reads for which lock waits the account is responsible, as if it held no locks.
   *
   * @throws SQLException when they can't be read
   */
  public static void readLockWaits(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                LockProbe.sql(ServerKind.isMariaDb(connection), NO_CONNECTION))) {
      while (rows.next()) {
        LockProbe.requirePerformanceSchema(rows);
      }
    } catch (SQLException e) {
      // Passes by itself; the probe has another query for it.
      if (!ServerError.ER_CANNOT_CONVERT_STRING.is(e)) {
        throw e;
      }
    }
  }

  /** Returns whether the server refuses a value until its grants or settings are changed. */
  public static boolean isRefusal(SQLException error) {
    return ProbeErrors.isRefusal(error);
  }

  /** Reads the lag of each configured replica. */
  public static List<ReplicaReading> readReplicas(ThrottleConfig config) {
    Optional<Heartbeat> heartbeat = config.heartbeatTable().map(Heartbeat::new);
    List<ReplicaReading> readings = new ArrayList<>();
    for (String url : config.replicas().orElse(List.of())) {
      Replica replica = new Replica(url, config.replicaUsername(), config.replicaPassword());
      readings.add(read(replica, replica.address(readings.size() + 1), heartbeat));
    }
    return readings;
  }

  private static ReplicaReading read(
      Replica replica, String address, Optional<Heartbeat> heartbeat) {
    String account = null;
    boolean mariaDb = false;
    try (Connection connection = replica.connect();
        Statement statement = connection.createStatement()) {
      mariaDb = ServerKind.isMariaDb(connection);
      account = Rows.first(connection, "SELECT CURRENT_USER()", row -> row.getString(1)).orElse("");
      double seconds =
          heartbeat.isPresent()
              ? heartbeat.get().age(statement)
              : ReplicaStatus.secondsBehind(statement, mariaDb);
      return new ReplicaReading(address, account, mariaDb, seconds, null);
    } catch (SQLException e) {
      return new ReplicaReading(address, account, mariaDb, 0, e);
    }
  }
}
