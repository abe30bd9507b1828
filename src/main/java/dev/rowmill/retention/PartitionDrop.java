package dev.rowmill.retention;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.audit.AuditEntry;
import dev.rowmill.audit.AuditLog;
import dev.rowmill.database.Connections;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.task.RunState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.agroal.DataSource;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.List;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Drops the partitions that hold only rows that are older than a time. Dropping them again is
 * harmless. Safe for many threads.
 */
@ApplicationScoped
@Startup
class PartitionDrop {

  private static final Logger LOG = Logger.getLogger(PartitionDrop.class);

  /** Names the operation in the audit. */
  private static final String OPERATION = "dropPartitions";

  /** Limits how long the statement waits for others, who wait behind it. */
  private static final int LOCK_SECONDS = 5;

  private final javax.sql.DataSource data;
  private final RetentionTables tables;
  private final AuditLog audit;
  private final Clock clock;
  private final Counter dropped;

  PartitionDrop(
      @DataSource("data") javax.sql.DataSource data,
      RetentionTables tables,
      AuditLog audit,
      Clock clock,
      MeterRegistry registry) {
    this.data = data;
    this.tables = tables;
    this.audit = audit;
    this.clock = clock;
    dropped =
        Counter.builder("rowmill.retention.partitions.dropped")
            .description("Partitions that retentions have dropped")
            .register(registry);
  }

  /**
   * Drops what is older, on a connection of its own. A statement that the server rejects is logged;
   * the rows are left for the batch then. Drops nothing when the run may not continue, which is
   * checked last, because no transaction protects the statement.
   *
   * @throws SQLException when the server can't be reached
   */
  void run(RetentionParameters parameters, RunState run) throws SQLException {
    long batch = run.batch();
    String project = run.project();
    try (Connection connection = data.getConnection()) {
      RetentionTable table =
          tables.read(parameters.table(), parameters.column(), connection).orElse(null);
      List<String> older =
          table == null
              ? List.of()
              : tables.droppable(table, parameters.before(), project, connection);
      if (table != null && !older.isEmpty()) {
        audit.write(entry(table.name(), older, run, null));
        boolean done = false;
        try {
          done = drop(connection, table.name(), older, run);
        } finally {
          if (!done) {
            audit.write(entry(table.name(), older, run, "not-dropped"));
          }
        }
        if (done) {
          dropped.increment(older.size());
          LOG.infof(
              "Batch %d has dropped the partitions %s of %s", batch, older, table.name().written());
        }
      }
    } catch (SQLException e) {
      if (DatabaseFailure.of(e)
          .filter(sort -> sort.isAway() || sort == DatabaseFailure.LOST_CONNECTION)
          .isPresent()) {
        throw e;
      }
      LOG.warnf(
          "Batch %d deletes rows instead of dropping partitions of %s: %s",
          batch, parameters.table(), e.getMessage());
    }
  }

  /** Drops partitions, unless the run may not continue; returns whether they are dropped. */
  private static boolean drop(
      Connection connection, TableName table, List<String> partitions, RunState run)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET SESSION lock_wait_timeout = " + LOCK_SECONDS);
      try {
        boolean may = run.mayContinue();
        if (may) {
          statement.execute(
              "ALTER TABLE "
                  + table.quoted()
                  + " DROP PARTITION "
                  + partitions.stream().map(TableName::quoted).collect(Collectors.joining(", ")));
        }
        return may;
      } finally {
        reset(connection, statement);
      }
    }
  }

  /** Restores the setting of the session, or aborts a connection that fails to. */
  private static void reset(Connection connection, Statement statement) throws SQLException {
    try {
      statement.execute("SET SESSION lock_wait_timeout = DEFAULT");
    } catch (SQLException e) {
      Connections.abort(connection);
    }
  }

  /**
   * Returns a line of the audit. The first is written before the partitions are dropped, a second
   * one if they are not.
   */
  private AuditEntry entry(
      TableName table, List<String> partitions, RunState run, @Nullable String problem) {
    ObjectNode detail = JsonNodeFactory.instance.objectNode().put("table", table.written());
    ArrayNode names = detail.putArray("partitions");
    partitions.forEach(names::add);
    return new AuditEntry(
        clock.instant(),
        AuditEntry.ROWMILL,
        AuditEntry.SERVICE,
        null,
        OPERATION,
        null,
        run.project(),
        run.batch(),
        RetentionTask.NAME,
        null,
        detail.toString(),
        null,
        problem);
  }
}
