package dev.rowmill.archive;

import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.MovedRows;
import dev.rowmill.sql.run.SqlChunkedRun;
import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkQueries.RangeQuery;
import dev.rowmill.sql.statement.WalkPlan;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.WalkedRows;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Extent;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.SideReader;
import dev.rowmill.task.StatementTag;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Walks a table as its DELETE would, and copies the rows of each chunk before they are deleted, in
 * the same transaction. The copies are durable before it is committed.
 *
 * <p>The copied rows are the deleted ones. The copy locks the rows that it reads, so none of them
 * changes before it is deleted. Other rows may begin to match in between; then more rows are
 * deleted than were copied, and the chunk is rolled back and repeated. If the condition depends on
 * more than the row itself, or rows have children, the rows are locked first and then moved by
 * their keys.
 */
final class ArchiveRun implements ChunkedRun {

  /** Limits the rows of a statement: for many more keys, servers make no index ranges of them. */
  private static final int MOST_KEYS = 500;

  private static final String CHILD = "rowmill child";

  private final SqlChunkedRun walk;
  private final ChunkQueries queries;
  private final ChunkKey key;
  private final MovedTable main;
  private final List<MovedTable> children;
  private final boolean byKeys;
  private final UndoOf undo;
  private final Copies.Destination destination;
  private final RunStatements statements = new RunStatements();
  private @Nullable StatementTag tag;

  /** Reads the rows for undo data, one for each table; empty if none are stored. */
  private List<MovedRows> images = List.of();

  /** Finds how undo data are stored. */
  @FunctionalInterface
  interface UndoOf {
    ArchiveUndo.Undo find() throws SQLException;
  }

  /**
   * @param plan walk of the statement that deletes the rows
   * @param tables tables to move, the walked one first
   * @param destination where rows are copied to
   * @param undo finds how undo data are stored, before the first chunk
   */
  ArchiveRun(WalkPlan plan, List<MovedTable> tables, Copies.Destination destination, UndoOf undo) {
    this.destination = destination;
    this.undo = undo;
    queries = plan.queries();
    key = queries.statement().key();
    walk = new SqlChunkedRun(queries, plan.rows());
    main = tables.get(0);
    children = tables.subList(1, tables.size());
    byKeys = !children.isEmpty() || !queries.statement().conditionIsOfRowAlone();
  }

  @Override
  public void mark(StatementTag mark) {
    tag = mark;
    statements.mark(mark);
    walk.mark(mark);
  }

  @Override
  public Optional<Extent> extent(Connection connection) throws SQLException {
    return walk.extent(connection);
  }

  @Override
  public Chunk next(Connection connection, @Nullable String after, String end, int rows)
      throws SQLException {
    return walk.next(connection, after, end, rows);
  }

  @Override
  public Optional<ChunkedRun> lookAheadRun() {
    return walk.lookAheadRun();
  }

  @Override
  public List<String> splitPoints(
      Connection connection, @Nullable String after, String end, int parts) throws SQLException {
    return walk.splitPoints(connection, after, end, parts);
  }

  @Override
  public boolean needsOrder() {
    return walk.needsOrder();
  }

  /** Returns a key of its own: chunks of a plain DELETE of the table are larger. */
  @Override
  public Optional<String> sizeKey() {
    return walk.sizeKey().map(table -> (main.to() == null ? "files of " : "archive ") + table);
  }

  @Override
  public long apply(Connection connection, Chunk chunk) throws SQLException {
    if (byKeys) {
      return moveByKeys(connection, chunk, List.of());
    }
    long copied = copyAll(connection, chunk);
    long deleted = walk.apply(connection, chunk);
    checkSame(main, copied, deleted);
    return deleted;
  }

  @Override
  public Optional<Refusal> undoRefusal(Connection connection, boolean secret) throws SQLException {
    ArchiveUndo.Undo found = undo.find();
    if (found.refused().isPresent()) {
      return found.refused();
    }
    images = found.rows();
    if (byKeys) {
      images.forEach(rows -> walk.limitRows(rows.mostRows()));
      return Optional.empty();
    }
    if (main.to() != null) {
      walk.moveTo(main.to());
    }
    return walk.undoRefusal(connection, secret);
  }

  @Override
  public ChunkResult applyAndCapture(Connection connection, Chunk chunk, SideReader sideReader)
      throws SQLException, InterruptedException {
    if (byKeys) {
      long moved = moveByKeys(connection, chunk, images);
      List<MovedRows> deleted = new ArrayList<>(images);
      // The children were deleted before their parents, in the reverse order.
      Collections.reverse(deleted);
      return new ChunkResult(moved, moved == 0 ? null : MovedRows.image(deleted));
    }
    long copied = copyAll(connection, chunk);
    ChunkResult result = walk.applyAndCapture(connection, chunk, sideReader);
    checkSame(main, copied, result.changed());
    return result;
  }

  private WalkedRows range(Chunk chunk) {
    return WalkedRows.between(key, chunk.after(), chunk.upTo());
  }

  private long copyAll(Connection connection, Chunk chunk) throws SQLException {
    WalkedRows range = range(chunk);
    try (Copies copies = destination.begin(connection, chunk, Objects.requireNonNull(tag))) {
      RangeQuery copy =
          queries.rows(copies.copying(main, queries.statement().qualifier()), range, true);
      long copied =
          copies.copy(
              main,
              statements.bound(connection, copy.sql() + " FOR UPDATE", copy.with(range.values())));
      copies.complete();
      return copied;
    }
  }

  /**
   * Moves the matching rows of a range, and returns how many.
   *
   * @param read reads the rows for undo data, one for each table; empty if none are stored
   */
  private long moveByKeys(Connection connection, Chunk chunk, List<MovedRows> read)
      throws SQLException {
    List<String> rows = lock(connection, range(chunk));
    try (Copies copies = destination.begin(connection, chunk, Objects.requireNonNull(tag))) {
      for (int from = 0; from < rows.size(); from += MOST_KEYS) {
        List<String> some = rows.subList(from, Math.min(rows.size(), from + MOST_KEYS));
        move(connection, some, copies, read);
      }
      copies.complete();
    }
    return rows.size();
  }

  /** Locks the matching rows of a range, and returns their cursors. */
  private List<String> lock(Connection connection, WalkedRows range) throws SQLException {
    RangeQuery query =
        queries.rows("SELECT " + key.selected(queries.statement().qualifier()), range, true);
    PreparedStatement select =
        statements.bound(connection, query.sql() + " FOR UPDATE", query.with(range.values()));
    List<String> cursors = new ArrayList<>();
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        cursors.add(key.cursor(walk.key(row)));
      }
    }
    return cursors;
  }

  /** Moves locked rows with their children: copies parents first, deletes children first. */
  private void move(
      Connection connection, List<String> cursors, Copies copies, List<MovedRows> read)
      throws SQLException {
    WalkedRows rows = WalkedRows.of(key, cursors);
    String parent = queries.statement().qualifier();
    String parents = queries.rows("", rows, false).sql();
    long[] copied = new long[children.size()];
    Step step = new Step(connection, rows);
    checkSame(
        main,
        step.run(
            copies.copying(main, parent) + parents + " FOR UPDATE", it -> copies.copy(main, it)),
        cursors.size());
    if (!read.isEmpty()) {
      step.read(read.get(0).select(parent) + parents, read.get(0));
    }
    for (int i = 0; i < copied.length; i++) {
      MovedTable child = children.get(i);
      String of = fromChildren(child, rows);
      copied[i] =
          step.run(copies.copying(child, CHILD) + of + " FOR UPDATE", it -> copies.copy(child, it));
      if (!read.isEmpty()) {
        step.read(read.get(i + 1).select(CHILD) + of, read.get(i + 1));
      }
    }
    for (int i = copied.length - 1; i >= 0; i--) {
      MovedTable child = children.get(i);
      String delete = "DELETE " + TableName.quoted(CHILD) + fromChildren(child, rows);
      checkSame(child, copied[i], step.run(delete, PreparedStatement::executeLargeUpdate));
    }
    String delete = "DELETE FROM " + main.from().quoted() + " WHERE " + rows.sql(key, parent);
    checkSame(main, cursors.size(), step.run(delete, PreparedStatement::executeLargeUpdate));
  }

  /** Runs a prepared statement, and returns how many rows it has changed. */
  @FunctionalInterface
  private interface Update {
    long run(PreparedStatement statement) throws SQLException;
  }

  /** Runs statements on the same rows. */
  private final class Step {
    private final Connection connection;
    private final WalkedRows rows;

    Step(Connection connection, WalkedRows rows) {
      this.connection = connection;
      this.rows = rows;
    }

    long run(String sql, Update update) throws SQLException {
      if (rows.single() == MOST_KEYS) {
        return update.run(statements.bound(connection, sql, rows.values()));
      }
      // The server holds a limited number of prepared statements, and this one has its own text.
      try (PreparedStatement once = statements.boundOnce(connection, sql, rows.values())) {
        return update.run(once);
      }
    }

    void read(String sql, MovedRows image) throws SQLException {
      run(
          sql + " FOR UPDATE",
          it -> {
            image.read(it);
            return 0;
          });
    }
  }

  /** Returns a FROM with the children of some rows, found by the rows' keys. */
  private String fromChildren(MovedTable child, WalkedRows rows) {
    String parent = queries.statement().qualifier();
    return " FROM "
        + main.from().quoted()
        + " AS "
        + TableName.quoted(parent)
        + " FORCE INDEX ("
        + TableName.quoted(key.index())
        + ") STRAIGHT_JOIN "
        + child.from().quoted()
        + " AS "
        + TableName.quoted(CHILD)
        + " ON "
        + TableName.quoted(CHILD)
        + "."
        + TableName.quoted(String.valueOf(child.by()))
        + " = "
        + key.names(parent)
        + " WHERE "
        + rows.sql(key, parent);
  }

  private static void checkSame(MovedTable table, long copied, long deleted)
      throws SQLTransactionRollbackException {
    if (copied != deleted) {
      throw new SQLTransactionRollbackException(
          "%d rows of %s were copied, but %d deleted: other sessions change rows of the same range"
              .formatted(copied, table.from().written(), deleted),
          "40001");
    }
  }
}
