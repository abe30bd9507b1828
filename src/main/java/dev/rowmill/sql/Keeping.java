package dev.rowmill.sql;

import dev.rowmill.sql.ParsedStatement.Kind;
import dev.rowmill.sql.TableDefinition.Column;
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
 * What is kept of the rows that a statement changes.
 *
 * @param image of the rows, without any
 * @param key by which the rows are found
 * @param refused why nothing can be kept; null when it can
 * @param mostRows of a chunk, so that its image stays small
 * @param counted whether the keys of the rows that come are numbers that the server gives
 */
record Keeping(
    RowImage image, ChunkKey key, @Nullable Refusal refused, int mostRows, boolean counted) {

  /** Of the rows of a chunk, before they are compressed; the server takes packets of 16 MB. */
  private static final long MOST_BYTES = 4L << 20;

  private static final int MOST_ROWS = 100_000;

  /**
   * Finds out what is to be kept of a statement's rows; asks the server once for all runs of it.
   *
   * @throws Refusal when the table's key is no good
   */
  static Keeping of(Connection connection, ChunkableStatement statement) throws SQLException {
    Keeping known = statement.keeping().get();
    if (known == null) {
      known = new Finder(new Catalog(connection), statement).find();
      statement.keeping().set(known);
    }
    return known;
  }

  private static final class Finder {
    private final Catalog catalog;
    private final ChunkableStatement statement;
    private final TableName target;
    private final List<Reason> reasons = new ArrayList<>();
    private boolean counted;

    Finder(Catalog catalog, ChunkableStatement statement) {
      this.catalog = catalog;
      this.statement = statement;
      this.target = statement.target();
    }

    Keeping find() throws SQLException {
      List<Column> all =
          catalog.columns(target).stream().filter(column -> !column.generated()).toList();
      Kind kind = statement.parsed().kind();
      ChunkKey key = kind.inserts() ? keyOfNewRows() : statement.key();
      boolean reachesOthers =
          kind == Kind.UPDATE
              ? catalog.updatesEmptyOthers(target, statement.assigned())
              // What is added is deleted by the undo.
              : catalog.deletesReachOthers(target);
      if (reachesOthers) {
        reasons.add(Reason.of("undo-cascade", "table", target.written()));
      }
      boolean whole = kind != Kind.UPDATE || !catalog.beforeUpdateTriggers(target).isEmpty();
      List<ImageColumn> keys = new ArrayList<>();
      List<ImageColumn> columns = new ArrayList<>();
      for (Column column : all) {
        if (isIn(key, column)) {
          continue;
        }
        if (whole || column.changesOnUpdate() || isAssigned(column)) {
          columns.add(ImageColumn.of(column));
        }
      }
      for (KeyColumn part : key.columns()) {
        all.stream()
            .filter(column -> column.name().equalsIgnoreCase(part.name()))
            .map(ImageColumn::of)
            .forEach(keys::add);
      }
      boolean large = whole || columns.stream().anyMatch(ImageColumn::mayBeLarge);
      long length = large ? catalog.averageRowLength(target) : 0;
      return new Keeping(
          new RowImage(
              switch (kind) {
                case UPDATE -> RowImage.Kind.UPDATED;
                case DELETE -> RowImage.Kind.DELETED;
                case INSERT, REPLACE -> RowImage.Kind.INSERTED;
                case SELECT -> throw new IllegalStateException("a check changes nothing");
              },
              target,
              key.index(),
              List.copyOf(keys),
              List.copyOf(columns),
              List.of()),
          key,
          reasons.isEmpty() ? null : new Refusal("undo-impossible", Map.of(), reasons),
          length == 0 ? MOST_ROWS : (int) Math.max(1, Math.min(MOST_ROWS, MOST_BYTES / length)),
          counted);
    }

    private boolean isAssigned(Column column) {
      return statement.assigned().stream().anyMatch(column.name()::equalsIgnoreCase);
    }

    private static boolean isIn(ChunkKey key, Column column) {
      return key.columns().stream().anyMatch(part -> part.name().equalsIgnoreCase(column.name()));
    }

    /**
     * The key by which the rows that a chunk adds are told from others: one that the server counts
     * up, or one that they have taken over from the rows that were read, and so lies in the same
     * range.
     */
    private ChunkKey keyOfNewRows() throws SQLException {
      TableDefinition definition = catalog.definition(target);
      ChunkKey key;
      try {
        key = KeyChoice.of(definition, statement.written(), false);
      } catch (Refusal noKey) {
        reasons.add(Reason.of("undo-no-key", "table", target.written()));
        return new ChunkKey("PRIMARY", List.of());
      }
      Optional<Column> first = definition.column(key.columns().get(0).name());
      counted =
          key.columns().size() == 1
              && first.map(Column::autoIncrement).orElse(false)
              && first.filter(this::isAssigned).isEmpty();
      if (counted) {
        return key;
      }
      if (!takesOver(key)) {
        reasons.add(Reason.of("undo-insert-key", "table", target.written()));
        return key;
      }
      // The range is that of the walk, in whatever direction the index has its columns.
      List<KeyColumn> columns = new ArrayList<>();
      for (int i = 0; i < key.columns().size(); i++) {
        columns.add(key.columns().get(i).descending(statement.key().columns().get(i).descending()));
      }
      return new ChunkKey(key.index(), List.copyOf(columns));
    }

    private boolean takesOver(ChunkKey key) throws SQLException {
      List<KeyColumn> walked =
          statement.walkedBy() == null ? List.of() : statement.key().columns();
      if (key.columns().size() != walked.size() || catalog.isSame(statement.table(), target)) {
        return false;
      }
      List<String> assigned = statement.assigned();
      if (statement.selected().size() != assigned.size()) {
        return false;
      }
      for (int i = 0; i < walked.size(); i++) {
        KeyColumn own = key.columns().get(i);
        int place = -1;
        for (int j = 0; j < assigned.size(); j++) {
          place = assigned.get(j).equalsIgnoreCase(own.name()) ? j : place;
        }
        boolean same =
            place >= 0
                && statement.selected().get(place).equalsIgnoreCase(walked.get(i).name())
                && own.isLike(walked.get(i));
        if (!same) {
          return false;
        }
      }
      return true;
    }
  }
}
