package dev.rowmill.sql.run;

import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.ForeignKeys;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Describes the table of rows that are given to others, who return changes of them. Immutable.
 *
 * @param index unique index by whose key the rows are found
 * @param keys columns of that key
 * @param selected columns that are given
 * @param editable columns that may be set: all but those of the key and generated ones
 * @param along columns that may change along with any other
 * @param refused why no undo data can be stored; null if possible
 */
public record ExchangedTable(
    TableName name,
    String index,
    List<ImageColumn> keys,
    List<ImageColumn> selected,
    List<ImageColumn> editable,
    List<ImageColumn> along,
    @Nullable Refusal refused) {

  /**
   * Reads the table of a query.
   *
   * @param statement compiled by {@link ChunkableStatement#compileRows}
   * @throws Refusal {@code unsupported-statement} as {@link SelectRun#columns} does
   */
  public static ExchangedTable of(Connection connection, ChunkableStatement statement)
      throws SQLException {
    var catalog = new Catalog(connection);
    TableName table = statement.table();
    List<Column> all = catalog.columns(table);
    List<ImageColumn> keys = new ArrayList<>();
    statement
        .key()
        .columns()
        .forEach(part -> find(all, part.name()).map(ImageColumn::of).ifPresent(keys::add));
    List<ImageColumn> selected =
        SelectRun.selected(statement, all).stream().map(ImageColumn::of).toList();
    List<Column> editable =
        all.stream()
            .filter(column -> !column.generated())
            .filter(column -> keys.stream().noneMatch(key -> key.name().equals(column.name())))
            .toList();
    boolean triggers = !catalog.beforeUpdateTriggers(table).isEmpty();
    return new ExchangedTable(
        table,
        statement.key().index(),
        List.copyOf(keys),
        selected,
        editable.stream().map(ImageColumn::of).toList(),
        editable.stream()
            .filter(column -> triggers || column.changesOnUpdate())
            .map(ImageColumn::of)
            .toList(),
        refusal(connection, table, all, editable));
  }

  private static Optional<Column> find(List<Column> all, String name) {
    return all.stream().filter(column -> column.name().equalsIgnoreCase(name)).findFirst();
  }

  private static @Nullable Refusal refusal(
      Connection connection, TableName table, List<Column> all, List<Column> editable)
      throws SQLException {
    List<Reason> reasons = new ArrayList<>();
    var foreignKeys = new ForeignKeys(connection);
    if (foreignKeys.deletesReachOthers(table) || foreignKeys.updatesEmptyOthers(table, editable)) {
      reasons.add(Reason.of("undo-cascade", "table", table.written()));
    }
    if (all.stream().anyMatch(column -> column.name().equals(ImageLayout.DOC_ID))) {
      reasons.add(Reason.of("undo-document-id"));
    }
    all.stream()
        .filter(Column::masked)
        .forEach(column -> reasons.add(Reason.of("undo-masked", "column", column.name())));
    return reasons.isEmpty() ? null : new Refusal("undo-impossible", Map.of(), reasons);
  }

  /** Returns the name of the table with its schema. */
  public String writtenName() {
    return name.written();
  }

  /** Returns a column that may be set, by its name in any case; empty if there is none. */
  public Optional<ImageColumn> editable(String name) {
    return editable.stream().filter(column -> column.name().equalsIgnoreCase(name)).findFirst();
  }
}
