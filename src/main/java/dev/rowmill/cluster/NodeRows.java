package dev.rowmill.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.dispatch.pool.Node;
import dev.rowmill.dispatch.pool.PoolConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads and writes the rows of the nodes; only a node itself writes its row. Safe for many threads.
 */
@ApplicationScoped
class NodeRows {

  private static final String SELECT =
      "SELECT id, name, version, pool_size, started_at, seen_at,"
          + " TIMESTAMPDIFF(MICROSECOND, seen_at, UTC_TIMESTAMP(3)), runs"
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
    try (PreparedStatement write = connection.prepareStatement(WRITE)) {
      write.setString(1, node.id());
      write.setString(2, node.name());
      write.setString(3, node.version());
      write.setInt(4, pool.size());
      write.setLong(5, Duration.ofNanos(System.nanoTime() - began).toMillis());
      write.setString(6, text(runs));
      write.executeUpdate();
    }
  }

  /** Deletes this node's row. */
  void delete(Connection connection) throws SQLException {
    try (PreparedStatement delete = connection.prepareStatement("DELETE FROM node WHERE id = ?")) {
      delete.setString(1, node.id());
      delete.executeUpdate();
    }
  }

  /** Deletes the row of another node, unless it has sent a heartbeat in the meantime. */
  void deleteSilent(Connection connection, String id, Duration silent) throws SQLException {
    try (PreparedStatement delete = connection.prepareStatement(DELETE_SILENT)) {
      delete.setString(1, id);
      delete.setLong(2, silent.toMillis());
      delete.executeUpdate();
    }
  }

  /** Returns all rows, including those of dead nodes, oldest first. */
  List<NodeRow> all(Connection connection) throws SQLException {
    List<NodeRow> rows = new ArrayList<>();
    try (Statement select = connection.createStatement();
        ResultSet row = select.executeQuery(SELECT)) {
      while (row.next()) {
        rows.add(
            new NodeRow(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getInt(4),
                time(row, 5),
                time(row, 6),
                Duration.of(row.getLong(7), ChronoUnit.MICROS),
                runs(row.getString(8))));
      }
    }
    return rows;
  }

  private static Instant time(ResultSet row, int column) throws SQLException {
    return row.getObject(column, LocalDateTime.class).toInstant(ZoneOffset.UTC);
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
