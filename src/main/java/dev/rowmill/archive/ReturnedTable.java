package dev.rowmill.archive;

import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.ImageColumn;
import dev.rowmill.sql.run.ReturnedRows;
import dev.rowmill.sql.run.WholeRows;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.KeyChoice;
import dev.rowmill.sql.table.KeyColumn;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.sql.table.TableKind;
import dev.rowmill.sql.table.Trigger;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Represents a table that gets rows back.
 *
 * @param all all columns that are not generated
 * @param required names of the columns that need a value
 */
record ReturnedTable(TableName name, ChunkKey key, List<ImageColumn> all, List<String> required) {

  /**
   * Finds a table, and checks that it accepts rows unchanged.
   *
   * @throws Refusal {@code unknown-table}, or {@code archive-impossible} with what to change
   */
  static ReturnedTable find(String name, Connection connection, StatementScope scope)
      throws SQLException {
    var catalog = new Catalog(connection);
    TableKind kind =
        catalog.usable(ArchiveParameters.name(name).orElseThrow(), catalog.schema(), scope);
    TableName table = kind.name();
    List<Reason> reasons = new ArrayList<>();
    if (!kind.isTable()) {
      reasons.add(new Reason("table-type", Map.of("table", table.written(), "type", kind.type())));
      throw impossible(reasons);
    }
    for (Trigger trigger : catalog.insertTriggers(table)) {
      reasons.add(
          new Reason(
              "archive-insert-trigger",
              Map.of("table", table.written(), "trigger", trigger.name())));
    }
    ChunkKey key = null;
    try {
      key = KeyChoice.of(catalog.definition(table), table.written(), true);
    } catch (Refusal none) {
      reasons.add(Reason.of("archive-files-key", "table", table.written()));
    }
    if (key == null || !reasons.isEmpty()) {
      throw impossible(reasons);
    }
    return new ReturnedTable(
        table,
        key,
        WholeRows.of(table, connection).columns(),
        List.copyOf(catalog.requiredColumns(table)));
  }

  static Refusal impossible(List<Reason> reasons) {
    return new Refusal("archive-impossible", Map.of(), List.copyOf(reasons));
  }

  /** Returns why no undo data can be stored of its rows; empty if they can. */
  Optional<Refusal> undoRefusal(Connection connection) throws SQLException {
    return ReturnedRows.undoRefusal(connection, name, key);
  }

  /**
   * Returns the columns of a file, without the last one, which is not of the table.
   *
   * @throws Refusal {@code archive-impossible} if the table no longer has one of them, or needs
   *     others
   */
  List<ImageColumn> columns(List<String> ofFile) {
    List<ImageColumn> columns = new ArrayList<>();
    for (String column : ofFile.subList(0, ofFile.size() - 1)) {
      columns.add(
          all.stream()
              .filter(one -> one.name().equalsIgnoreCase(column))
              .findFirst()
              .orElseThrow(() -> impossible(List.of(reason("restore-column", column)))));
    }
    for (String column : required) {
      if (columns.stream().noneMatch(one -> one.name().equalsIgnoreCase(column))) {
        throw impossible(List.of(reason("archive-column-extra", column)));
      }
    }
    for (KeyColumn column : key.columns()) {
      if (columns.stream().noneMatch(one -> one.name().equalsIgnoreCase(column.name()))) {
        throw impossible(List.of(reason("restore-key", column.name())));
      }
    }
    return columns;
  }

  private Reason reason(String code, String column) {
    return new Reason(code, Map.of("table", name.written(), "column", column));
  }
}
