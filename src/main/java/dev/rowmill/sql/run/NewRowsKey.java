package dev.rowmill.sql.run;

import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.KeyChoice;
import dev.rowmill.sql.table.KeyColumn;
import dev.rowmill.sql.table.TableDefinition;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.sql.table.Trigger;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds a key that separates the rows that an INSERT … SELECT adds from all others. The server
 * counts it up, or it is copied unchanged from the rows that are read. In the second case a chunk's
 * new rows lie in its own range. For any other key no undo data can be stored, as a problem would
 * only show in the middle of the batch.
 */
final class NewRowsKey {

  /** Lists the whole number types from the narrowest to the widest. */
  private static final List<String> INTEGERS =
      List.of("tinyint", "smallint", "mediumint", "int", "bigint");

  /**
   * Holds a key.
   *
   * @param counted whether the server assigns all its values
   * @param countsZero whether the server assigns a value in place of a copied zero
   */
  record Found(ChunkKey key, boolean counted, boolean countsZero) {}

  private final Catalog catalog;
  private final ChunkableStatement statement;
  private final TableName target;
  private final List<Reason> reasons = new ArrayList<>();

  NewRowsKey(Catalog catalog, ChunkableStatement statement) {
    this.catalog = catalog;
    this.statement = statement;
    this.target = statement.target();
  }

  /** Returns why there is no key, after {@link #find}. */
  List<Reason> reasons() {
    return reasons;
  }

  /** Returns the key; empty, with {@link #reasons}, if new rows can't be separated from others. */
  Optional<Found> find() throws SQLException {
    TableDefinition definition = catalog.definition(target);
    ChunkKey key;
    try {
      key = KeyChoice.of(definition, statement.written(), false);
    } catch (Refusal none) {
      reasons.add(Reason.of("undo-insert-no-key", "table", target.written()));
      none.reasons().stream().filter(one -> !KeyChoice.isMissingKey(one)).forEach(reasons::add);
      return Optional.empty();
    }
    if (statement.isUndivided()) {
      // The new rows are all rows of the table that no other connection sees.
      return Optional.of(new Found(key, false, false));
    }
    List<Column> columns = key.columns().stream().map(part -> column(definition, part)).toList();
    Column first = columns.get(0);
    boolean counted = columns.size() == 1 && first.autoIncrement() && indexOf(first.name()) < 0;
    boolean countsZero =
        !counted && takesOver(key, columns) && columns.stream().anyMatch(Column::autoIncrement);
    if (countsZero && columns.size() > 1) {
      reasons.add(Reason.of("undo-insert-counted", "table", target.written()));
    }
    triggers(columns);
    return reasons.isEmpty()
        ? Optional.of(new Found(counted ? key : asWalked(key), counted, countsZero))
        : Optional.empty();
  }

  /** Returns the key in the directions of the walked key, since the range is that of the walk. */
  private ChunkKey asWalked(ChunkKey key) {
    List<KeyColumn> columns = new ArrayList<>();
    for (int i = 0; i < key.columns().size(); i++) {
      columns.add(key.columns().get(i).descending(statement.key().columns().get(i).descending()));
    }
    return new ChunkKey(key.index(), List.copyOf(columns));
  }

  private static Column column(TableDefinition definition, KeyColumn part) {
    return definition.column(part.name()).orElseThrow();
  }

  /** Returns the position of a column among the assigned ones; -1 if it gets no value. */
  private int indexOf(String column) {
    List<String> assigned = statement.assigned();
    for (int i = 0; i < assigned.size(); i++) {
      if (assigned.get(i).equalsIgnoreCase(column)) {
        return i;
      }
    }
    return -1;
  }

  private boolean takesOver(ChunkKey key, List<Column> columns) throws SQLException {
    List<KeyColumn> walked = statement.walkedBy() == null ? List.of() : statement.key().columns();
    if (walked.size() != columns.size()
        || catalog.isSame(statement.table(), target)
        || statement.selected().size() != statement.assigned().size()) {
      return nothingTakenOver();
    }
    TableDefinition source =
        new TableDefinition(statement.table(), catalog.columns(statement.table()), List.of(), true);
    for (int i = 0; i < walked.size(); i++) {
      int index = indexOf(columns.get(i).name());
      if (index < 0 || !statement.selected().get(index).equalsIgnoreCase(walked.get(i).name())) {
        return nothingTakenOver();
      }
      Column from = column(source, walked.get(i));
      // The ends of a chunk's range are compared as values of the type of the walked key.
      boolean alike = key.columns().get(i).isLike(walked.get(i));
      if (!alike || !isTakenUnchanged(from, columns.get(i))) {
        reasons.add(
            new Reason(
                "undo-insert-type",
                Map.of(
                    "table", target.written(),
                    "column", columns.get(i).name(),
                    "type", described(columns.get(i)),
                    "source", described(from))));
        return false;
      }
    }
    return true;
  }

  private boolean nothingTakenOver() {
    reasons.add(Reason.of("undo-insert-key", "table", target.written()));
    return false;
  }

  private static String described(Column column) {
    return column.collation() == null
        ? column.fullType()
        : column.fullType() + " " + column.collation();
  }

  /** Returns whether a column of one type stores every value of another unchanged. */
  private static boolean isTakenUnchanged(Column from, Column to) {
    int narrow = INTEGERS.indexOf(from.type());
    if (narrow >= 0) {
      return narrow <= INTEGERS.indexOf(to.type());
    }
    if (!from.type().equals(to.type())
        || !Objects.equals(from.charset(), to.charset())
        || !Objects.equals(from.collation(), to.collation())) {
      return false;
    }
    return switch (from.type()) {
      case "char", "varchar", "varbinary" -> length(from) <= length(to);
      default -> from.fullType().equals(to.fullType());
    };
  }

  private static int length(Column column) {
    return Integer.parseInt(column.fullType().replaceAll("^[^(]*\\((\\d+)\\).*", "$1"));
  }

  private void triggers(List<Column> columns) throws SQLException {
    for (Trigger trigger : catalog.triggers(target, statement.parsed())) {
      for (Column column : columns) {
        if (trigger.before() && trigger.maySet(column.name())) {
          reasons.add(
              new Reason(
                  "undo-insert-trigger",
                  Map.of(
                      "trigger", trigger.name(),
                      "table", target.written(),
                      "column", column.name())));
        }
      }
    }
  }
}
