package dev.rowmill.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.database.Rows;
import dev.rowmill.dispatch.pool.Node;
import dev.rowmill.dispatch.pool.PoolConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;

/**
 * Reads and writes the rows of the nodes; only a node itself writes its row. Safe for many threads.
 */
@ApplicationScoped
class NodeRows {

  private static final String SELECT =
      "SELECT id, name, version, pool_size, started_at, seen_at,"
          + " TIMESTAMPDIFF(MICROSECOND, seen_at, UTC_TIMESTAMP(3)) AS silent_micros, runs"
          + " FROM node ORDER BY started_at, id";

  // Others delete the row after a long time without a heartbeat. An insert restores it with the
  // original start time.
  private static final String WRITE =
      "INSERT INTO node (id, name, version, pool_size, started_at, seen_at, runs) VALUES (?, ?, ?,"
          + " ?, UTC_TIMESTAMP(3) - INTERVAL ? * 1000 MICROSECOND, UTC_TIMESTAMP(3), ?)"
          + " ON DUPLICATE KEY UPDATE seen_at = VALUES(seen_at), runs = VALUES(runs)";

  private static final String DELETE_SILENT =
      "DELETE FROM node WHERE id = ? AND seen_at < UTC_TIMESTAMP(3) - INTERVAL ? * 1000 MICROSECOND";

  private final Node node;
  private final PoolConfig pool;
  private final ObjectMapper json;
  private final long began = System.nanoTime();

  NodeRows(Node node, PoolConfig pool, ObjectMapper json) {
    this.node = node;
    this.pool = pool;
    this.json = json;
  }

  /** Writes this node's row, with the present time and these runs. */
  void write(Connection connection, List<NodeRun> runs) throws SQLException {
    Rows.update(
        connection,
        WRITE,
        node.id(),
        node.name(),
        node.version(),
        pool.size(),
        Duration.ofNanos(System.nanoTime() - began).toMillis(),
        text(runs));
  }

  /** Deletes this node's row. */
  int delete(Connection connection) throws SQLException {
    return Rows.update(connection, "DELETE FROM node WHERE id = ?", node.id());
  }

  /** Deletes the row of another node, unless it has sent a heartbeat in the meantime. */
  void deleteSilent(Connection connection, String id, Duration silent) throws SQLException {
    Rows.update(connection, DELETE_SILENT, id, silent.toMillis());
  }

  /** Returns all rows, including those of dead nodes, oldest first. */
  List<NodeRow> all(Connection connection) throws SQLException {
    return Rows.query(
        connection,
        SELECT,
        row ->
            new NodeRow(
                row.getString("id"),
                row.getString("name"),
                row.getString("version"),
                row.getInt("pool_size"),
                Objects.requireNonNull(Rows.time(row, "started_at")),
                Objects.requireNonNull(Rows.time(row, "seen_at")),
                Duration.of(row.getLong("silent_micros"), ChronoUnit.MICROS),
                runs(row.getString("runs"))));
  }

  private String text(List<NodeRun> runs) {
    try {
      return json.writeValueAsString(runs);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("what this node runs can't be written", e);
    }
  }

  private List<NodeRun> runs(String text) {
    try {
      return json.readValue(text, new TypeReference<List<NodeRun>>() {});
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("what a node runs can't be read: " + text, e);
    }
  }
}
