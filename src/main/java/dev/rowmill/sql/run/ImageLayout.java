package dev.rowmill.sql.run;

import dev.rowmill.database.ServerKind;
import dev.rowmill.sql.parse.ParsedStatement.Kind;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.ForeignKeys;
import dev.rowmill.sql.table.KeyColumn;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.sql.table.TableKind;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Describes the stored image of the rows that a statement changes.
 *
 * @param image image of the rows, still empty
 * @param key key by which the rows are found
 * @param refused why no undo data can be stored; null if possible
 * @param mostRows maximum number of rows of a chunk, which limits the size of its image
 * @param counted whether the server assigns the keys of new rows
 * @param countsZero whether the server assigns a number to a new row with the key 0
 * @param version column that shows when a row was written, if MariaDB stores the history of updated
 *     rows; else null. MariaDB then writes and counts rows again that are set to their old values
 * @param locksFirst whether the rows of an UPDATE or a DELETE can be read and locked before it: its
 *     condition depends on each row alone, and it changes each row that it finds
 */
public record ImageLayout(
    RowImage image,
    ChunkKey key,
    @Nullable Refusal refused,
    int mostRows,
    boolean counted,
    boolean countsZero,
    @Nullable ImageColumn version,
    boolean locksFirst) {

  /** Limits the rows of a chunk before compression, in bytes. */
  private static final long MOST_BYTES = 4L << 20;

  private static final int MOST_ROWS = 100_000;

  /** Stores the name of InnoDB's column with the number of a row in a FULLTEXT index. */
  static final String DOC_ID = "FTS_DOC_ID";

  private static final ChunkKey NO_KEY = new ChunkKey("PRIMARY", List.of());

  /** Returns the same layout for rows that are moved to another table; null for none. */
  ImageLayout movedTo(@Nullable TableName other) {
    return new ImageLayout(
        image.movedTo(other), key, refused, mostRows, counted, countsZero, version, locksFirst);
  }

  /** Returns the layout for a statement's rows. Reads the catalog once for all runs of it. */
  public static ImageLayout of(Connection connection, ChunkableStatement statement)
      throws SQLException {
    ImageLayout known = statement.derived().get(ImageLayout.class);
    if (known == null) {
      known = new Finder(new Catalog(connection), statement).find(statement);
      statement.derived().set(known);
    }
    return known;
  }

  /**
   * Returns the layout for rows that are changed by their keys, read and locked before.
   *
   * @param kind UPDATE, DELETE or INSERT
   * @param assigned columns that are written
   */
  static ImageLayout of(
      Connection connection, Kind kind, TableName target, List<String> assigned, ChunkKey key)
      throws SQLException {
    return new Finder(new Catalog(connection), kind, target, assigned, null).of(key);
  }

  private static final class Finder {
    private final Catalog catalog;
    private final Kind kind;
    private final TableName target;
    private final List<String> assigned;
    private final @Nullable ChunkableStatement statement;
    private final List<Reason> reasons = new ArrayList<>();
    private boolean counted;
    private boolean countsZero;

    Finder(Catalog catalog, ChunkableStatement statement) {
      this(catalog, statement.parsed().kind(), statement.target(), statement.assigned(), statement);
    }

    /**
     * @param statement statement that changes the rows; null if they are locked before
     */
    Finder(
        Catalog catalog,
        Kind kind,
        TableName target,
        List<String> assigned,
        @Nullable ChunkableStatement statement) {
      this.catalog = catalog;
      this.kind = kind;
      this.target = target;
      this.assigned = assigned;
      this.statement = statement;
    }

    ImageLayout find(ChunkableStatement of) throws SQLException {
      return kind.inserts()
          ? ofNewRows(of)
          : of(Objects.requireNonNull(of.rowKey(), "the table has no key"));
    }

    private ImageLayout ofNewRows(ChunkableStatement of) throws SQLException {
      var newRows = new NewRowsKey(catalog, of);
      Optional<NewRowsKey.Found> found = newRows.find();
      reasons.addAll(newRows.reasons());
      // Without a key nothing is stored.
      ChunkKey key = found.map(NewRowsKey.Found::key).orElse(NO_KEY);
      counted = found.map(NewRowsKey.Found::counted).orElse(false);
      countsZero = found.map(NewRowsKey.Found::countsZero).orElse(false);
      return of(key);
    }

    ImageLayout of(ChunkKey key) throws SQLException {
      List<Column> all =
          catalog.columns(target).stream().filter(column -> !column.generated()).toList();
      var foreignKeys = new ForeignKeys(catalog.connection());
      boolean reachesOthers =
          kind == Kind.UPDATE
              ? foreignKeys.updatesEmptyOthers(
                  target, all.stream().filter(this::isAssigned).toList())
              // The undo deletes inserted rows.
              : foreignKeys.deletesReachOthers(target);
      if (reachesOthers) {
        reasons.add(Reason.of("undo-cascade", "table", target.written()));
      }
      if (kind == Kind.DELETE && all.stream().anyMatch(column -> column.name().equals(DOC_ID))) {
        reasons.add(Reason.of("undo-document-id"));
      }
      if (kind == Kind.UPDATE
          && statement != null
          && statement.parsed().ignore()
          && ServerKind.isMariaDb(catalog.connection())
          && !IgnoredRows.isOfOneTable(statement)) {
        reasons.add(Reason.of("undo-miscounted"));
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
      all.stream()
          .filter(Column::masked)
          .filter(
              column ->
                  Stream.concat(keys.stream(), columns.stream())
                      .anyMatch(one -> one.name().equals(column.name())))
          .forEach(column -> reasons.add(Reason.of("undo-masked", "column", column.name())));
      ImageColumn version = kind == Kind.UPDATE ? version() : null;
      boolean large = whole || columns.stream().anyMatch(ImageColumn::mayBeLarge);
      long length = large ? catalog.averageRowLength(target) : 0;
      return new ImageLayout(
          new RowImage(
              switch (kind) {
                case UPDATE -> RowImage.Kind.UPDATED;
                case DELETE -> RowImage.Kind.DELETED;
                case INSERT, REPLACE -> RowImage.Kind.INSERTED;
                case SELECT, EXCHANGE -> throw new IllegalStateException("a query changes nothing");
              },
              target,
              key.index(),
              List.copyOf(keys),
              List.copyOf(columns),
              List.of(),
              null),
          key,
          reasons.isEmpty() ? null : new Refusal("undo-impossible", Map.of(), reasons),
          length == 0 ? MOST_ROWS : (int) Math.max(1, Math.min(MOST_ROWS, MOST_BYTES / length)),
          counted,
          countsZero,
          version,
          (kind == Kind.UPDATE || kind == Kind.DELETE)
              && version == null
              && statement != null
              && statement.conditionIsOfRowAlone()
              && !statement.parsed().ignore()
              && statement.limit().isEmpty());
    }

    private @Nullable ImageColumn version() throws SQLException {
      if (catalog.kind(target).filter(TableKind::isVersioned).isEmpty()) {
        return null;
      }
      // The server creates this column if the table's definition names none.
      String name =
          catalog.columns(target).stream()
              .filter(column -> column.version() == Column.Version.BEGIN)
              .map(Column::name)
              .findFirst()
              .orElse("row_start");
      return new ImageColumn(name, ImageColumn.Form.PLAIN, "", null, null);
    }

    private boolean isAssigned(Column column) {
      return assigned.stream().anyMatch(column.name()::equalsIgnoreCase);
    }

    private static boolean isIn(ChunkKey key, Column column) {
      return key.columns().stream().anyMatch(part -> part.name().equalsIgnoreCase(column.name()));
    }
  }
}
