package dev.rowmill.sql;

import dev.rowmill.sql.Catalog.TableKind;
import dev.rowmill.sql.Catalog.Trigger;
import dev.rowmill.sql.Reading.Kind;
import dev.rowmill.sql.TableDefinition.Column;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A statement that has passed all checks that need no prepared statement, with the key to walk its
 * table along.
 *
 * @param table the table that is walked, with its schema
 * @param target the table that is changed, with its schema
 * @param alias of the walked table, null where it has none
 * @param statement up to where its key range follows
 * @param where its condition, null without one
 * @param written the changed table as the statement names it
 * @param reading what it says
 * @param keeping what is kept of its rows, once that is known
 */
record ChunkableStatement(
    TableName table,
    TableName target,
    @Nullable String alias,
    ChunkKey key,
    BoundText statement,
    @Nullable BoundText where,
    String written,
    Reading reading,
    AtomicReference<@Nullable Keeping> keeping) {

  private static final KnownReadings READINGS = new KnownReadings();

  /** What columns of the walked table are qualified with. */
  String qualifier() {
    return alias == null ? table.name() : alias;
  }

  /** The same statement with other values. */
  ChunkableStatement with(StatementRenderer.Rendered rendered) {
    return new ChunkableStatement(
        table,
        target,
        alias,
        key,
        rendered.statement(),
        rendered.where(),
        written,
        reading,
        keeping);
  }

  /** What a statement says that has been compiled. */
  static Reading reading(String sql) {
    return READINGS.read(sql);
  }

  /**
   * Reads a statement and puts its values in; asks no database.
   *
   * @throws Refusal when the statement can't be run chunk by chunk, as far as its text tells
   */
  static StatementRenderer.Rendered render(
      String sql, Map<String, @Nullable Object> parameters, String project) {
    return StatementRenderer.render(READINGS.read(sql), parameters, project);
  }

  /**
   * @throws Refusal when the statement can't be run chunk by chunk
   */
  static ChunkableStatement compile(
      String sql,
      Map<String, @Nullable Object> parameters,
      String project,
      Connection connection,
      Reach reach)
      throws SQLException {
    Reading reading = READINGS.read(sql);
    StatementRenderer.Rendered rendered = StatementRenderer.render(reading, parameters, project);
    return new Check(reading, connection, reach).run(rendered);
  }

  /** Compares a reading with the tables that are there. */
  private static final class Check {
    private final Reading reading;
    private final Catalog catalog;
    private final String schema;
    private final Reach reach;
    private final Set<Reason> reasons = new LinkedHashSet<>();

    Check(Reading reading, Connection connection, Reach reach) throws SQLException {
      this.reading = reading;
      this.catalog = new Catalog(connection);
      String current = connection.getCatalog();
      this.schema = current == null ? "" : current;
      this.reach = reach;
    }

    ChunkableStatement run(StatementRenderer.Rendered rendered) throws SQLException {
      TableName target = reading.target().in(schema);
      TableName walked = reading.walked().in(schema);
      reasons.addAll(reach.refused(reading));
      changed(target, known(reading.target()));
      if (reading.kind() == Kind.INSERT && !walked.equals(target)) {
        walkedOnly(walked, known(reading.walked()));
      }
      subqueries(target);
      refuseIfAny();
      List<Trigger> triggers = catalog.triggers(target, reading.kind());
      triggers(triggers);
      TableDefinition definition = catalog.definition(walked);
      List<Column> columns = walked.equals(target) ? definition.columns() : catalog.columns(target);
      assigned(new TableDefinition(target, columns, List.of(), true));
      refuseIfAny();
      ChunkKey key =
          KeyChoice.of(definition, reading.walked().written(), reading.kind() == Kind.UPDATE);
      if (reading.kind() == Kind.UPDATE) {
        keyStays(triggers, key);
      } else if (reading.kind() == Kind.INSERT && walked.mayBe(target)) {
        newRowsComeBehind(definition, key);
      }
      refuseIfAny();
      return new ChunkableStatement(
          walked,
          target,
          reading.alias(),
          key,
          rendered.statement(),
          rendered.where(),
          reading.target().written(),
          reading,
          new AtomicReference<>());
    }

    private void refuseIfAny() {
      if (!reasons.isEmpty()) {
        throw StatementReader.refusal(reasons);
      }
    }

    /** A name that the caller may use and that is there. */
    private TableKind known(TableName table) throws SQLException {
      return catalog.usable(table, schema, reach);
    }

    private void changed(TableName table, TableKind kind) {
      if (kind.type().contains("VIEW")) {
        reasons.add(Reason.of("view", "table", table.name()));
      } else if (!kind.type().equals("BASE TABLE") && !kind.isVersioned()) {
        reasons.add(new Reason("table-type", Map.of("table", table.name(), "type", kind.type())));
      } else if (!"InnoDB".equalsIgnoreCase(kind.engine())) {
        String engine = kind.engine() == null ? "?" : kind.engine();
        reasons.add(new Reason("not-innodb", Map.of("table", table.name(), "engine", engine)));
      }
    }

    private void walkedOnly(TableName table, TableKind kind) {
      if (!"InnoDB".equalsIgnoreCase(kind.engine()) && kind.type().equals("BASE TABLE")) {
        Reach.standsForOthers(table, kind).ifPresent(reasons::add);
        return;
      }
      changed(table, kind);
    }

    private void subqueries(TableName target) throws SQLException {
      for (String name : reading.withNames()) {
        if (name.equalsIgnoreCase(target.name()) || catalog.isTaken(name, schema)) {
          reasons.add(Reason.of("with-name", "name", name));
        }
      }
      for (TableName table : reading.subqueryTables()) {
        if (table.schema() == null
            && reading.withNames().stream().anyMatch(table.name()::equalsIgnoreCase)) {
          continue;
        }
        TableKind kind = known(table);
        Reach.standsForOthers(table, kind).ifPresent(reasons::add);
        if (table.in(schema).mayBe(target)) {
          reasons.add(Reason.of("reads-changed-table", "table", table.written()));
        }
      }
    }

    private void assigned(TableDefinition target) {
      for (String name : reading.assigned()) {
        Optional<Column> column = target.column(name);
        if (column.isEmpty()) {
          reasons.add(Reason.of("unknown-column", "column", name));
        } else if (column.get().generated()) {
          reasons.add(Reason.of("assigns-generated", "column", name));
        }
      }
    }

    private void triggers(List<Trigger> triggers) {
      for (Trigger trigger : triggers) {
        if (Reach.isNamedBy(trigger.body(), trigger.schema(), schema)) {
          reasons.add(Reason.of("trigger-reaches", "trigger", trigger.name()));
        }
      }
    }

    private void keyStays(List<Trigger> triggers, ChunkKey key) {
      for (KeyColumn column : key.columns()) {
        if (reading.assigned().stream().anyMatch(column.name()::equalsIgnoreCase)) {
          reasons.add(Reason.of("assigns-key", "column", column.name()));
        }
      }
      for (Trigger trigger : triggers.stream().filter(Trigger::before).toList()) {
        for (KeyColumn column : key.columns()) {
          if (trigger.maySet(column.name())) {
            reasons.add(
                new Reason(
                    "trigger-assigns-key",
                    Map.of("trigger", trigger.name(), "column", column.name())));
          }
        }
      }
    }

    /** Else the rows that a chunk adds could lie in the range of a later one. */
    private void newRowsComeBehind(TableDefinition table, ChunkKey key) {
      KeyColumn column = key.columns().get(0);
      boolean counted =
          key.columns().size() == 1
              && table.column(column.name()).map(Column::autoIncrement).orElse(false);
      if (!counted || reading.assigned().stream().anyMatch(column.name()::equalsIgnoreCase)) {
        reasons.add(Reason.of("inserts-into-source", "table", reading.target().written()));
      }
    }
  }
}
