package dev.rowmill.sql.statement;

import dev.rowmill.sql.parse.Findings;
import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.ParsedStatement.Kind;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.ForeignKeys;
import dev.rowmill.sql.table.KeyColumn;
import dev.rowmill.sql.table.Trigger;
import dev.rowmill.task.Refusal.Reason;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the reasons why a later chunk of a statement would see changes of an earlier one. For one
 * thread.
 */
final class ChunkIndependence {

  private final ParsedStatement parsed;
  private final StatementTables tables;
  private final Findings findings;
  private final List<Trigger> triggers;

  /**
   * @param triggers triggers that the statement fires
   */
  ChunkIndependence(
      ParsedStatement parsed, StatementTables tables, Findings findings, List<Trigger> triggers) {
    this.parsed = parsed;
    this.tables = tables;
    this.findings = findings;
    this.triggers = triggers;
  }

  /**
   * Finds tables that are read and changed: a later chunk would see the changes of an earlier one.
   */
  void readsChanged(Set<TableName> targets, WalkChoice.Walked walked) throws SQLException {
    List<TableName> read = new ArrayList<>(parsed.subqueryTables());
    parsed.tables().stream()
        .filter(use -> !use.equals(walked.use()))
        .forEach(use -> read.add(use.name()));
    if (read.isEmpty()) {
      return;
    }
    boolean inserts = parsed.kind() == Kind.INSERT && parsed.onDuplicate().isEmpty();
    Set<TableName> along =
        inserts
            ? Set.of()
            : new ForeignKeys(tables.catalog().connection())
                .changedAlong(
                    targets, parsed.kind() != Kind.UPDATE && parsed.kind() != Kind.INSERT);
    for (TableName table : read) {
      for (TableName one : tables.standsFor(table)) {
        if (tables.isAmong(targets, one)) {
          findings.undivided(Reason.of("reads-changed-table", "table", table.written()));
        } else if (tables.isAmong(along, one)
            || triggers.stream().anyMatch(trigger -> trigger.mayWrite(one.name()))) {
          findings.undivided(Reason.of("reads-changed-along", "table", table.written()));
        }
      }
    }
  }

  /** Finds changes of the walked key. */
  void keyStays(WalkChoice.Walked walked, List<String> assigned, TableName target)
      throws SQLException {
    ChunkKey key = walked.key();
    if (key == null) {
      return;
    }
    if (parsed.kind() == Kind.UPDATE) {
      for (KeyColumn column : key.columns()) {
        if (assigned.stream().anyMatch(column.name()::equalsIgnoreCase)) {
          findings.undivided(Reason.of(ChunkableStatement.ASSIGNS_KEY, "column", column.name()));
        }
      }
      triggersKeepKey(key);
    } else if (parsed.kind().inserts() && tables.catalog().isSame(walked.table(), target)) {
      newRowsComeBehind(walked, key, assigned, target);
    }
  }

  private void triggersKeepKey(ChunkKey key) {
    for (Trigger trigger : triggers.stream().filter(Trigger::before).toList()) {
      for (KeyColumn column : key.columns()) {
        if (trigger.maySet(column.name())) {
          findings.undivided(
              new Reason(
                  ChunkableStatement.TRIGGER_ASSIGNS_KEY,
                  Map.of("trigger", trigger.name(), "column", column.name())));
        }
      }
    }
  }

  /**
   * Checks that new rows get larger keys. Otherwise rows that a chunk adds could be in the range of
   * a later one.
   */
  private void newRowsComeBehind(
      WalkChoice.Walked walked, ChunkKey key, List<String> assigned, TableName target)
      throws SQLException {
    KeyColumn column = key.columns().get(0);
    boolean counted =
        key.columns().size() == 1
            && tables.columns(walked.table()).stream()
                .anyMatch(
                    each -> each.name().equalsIgnoreCase(column.name()) && each.autoIncrement());
    boolean replaces = parsed.kind() == Kind.REPLACE || !parsed.onDuplicate().isEmpty();
    if (!counted || replaces || assigned.stream().anyMatch(column.name()::equalsIgnoreCase)) {
      findings.undivided(Reason.of("inserts-into-source", "table", target.name()));
    }
  }
}
