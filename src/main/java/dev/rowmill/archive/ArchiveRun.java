package dev.rowmill.archive;

import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.SqlChunkedRun;
import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkQueries.RangeQuery;
import dev.rowmill.sql.statement.WalkPlan;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.WalkedRows;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Extent;
import dev.rowmill.task.StatementTag;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Walks a table as its DELETE would, and copies the rows of each chunk before they are deleted, in
 * the same transaction.
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
  private final RunStatements statements = new RunStatements();

  /**
   * @param plan walk of the statement that deletes the rows
   * @param tables tables to move, the walked one first
   */
  ArchiveRun(WalkPlan plan, List<MovedTable> tables) {
    queries = plan.queries();
    key = queries.statement().key();
    walk = new SqlChunkedRun(queries, plan.rows());
    main = tables.get(0);
    children = tables.subList(1, tables.size());
    byKeys = !children.isEmpty() || !queries.statement().conditionIsOfRowAlone();
  }

  @Override
  public void mark(StatementTag mark) {
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
    return walk.sizeKey().map(table -> "archive " + table);
  }

  @Override
  public long apply(Connection connection, Chunk chunk) throws SQLException {
    WalkedRows range = WalkedRows.between(key, chunk.after(), chunk.upTo());
    if (!byKeys) {
      long copied = copy(connection, main, queries.rows(copying(), range, true), range);
      long deleted = walk.apply(connection, chunk);
      checkSame(main, copied, deleted);
      return deleted;
    }
    List<String> rows = lock(connection, range);
    for (int from = 0; from < rows.size(); from += MOST_KEYS) {
      move(connection, rows.subList(from, Math.min(rows.size(), from + MOST_KEYS)));
    }
    return rows.size();
  }

  private String copying() {
    return main.copy(queries.statement().qualifier());
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
  private void move(Connection connection, List<String> cursors) throws SQLException {
    WalkedRows rows = WalkedRows.of(key, cursors);
    checkSame(
        main, copy(connection, main, queries.rows(copying(), rows, false), rows), cursors.size());
    List<Long> copied = new ArrayList<>();
    for (MovedTable child : children) {
      RangeQuery copy = new RangeQuery(child.copy(CHILD) + fromChildren(child, rows), List.of());
      copied.add(copy(connection, child, copy, rows));
    }
    for (int i = children.size() - 1; i >= 0; i--) {
      MovedTable child = children.get(i);
      String delete = "DELETE " + TableName.quoted(CHILD) + fromChildren(child, rows);
      checkSame(child, copied.get(i), update(connection, delete, rows.values()));
    }
    String qualifier = queries.statement().qualifier();
    String delete = "DELETE FROM " + main.from().quoted() + " WHERE " + rows.sql(key, qualifier);
    checkSame(main, cursors.size(), update(connection, delete, rows.values()));
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

  private long copy(Connection connection, MovedTable table, RangeQuery insert, WalkedRows rows)
      throws SQLException {
    try (var exact = new ExactCopy(connection, table)) {
      return exact.run(
          statements.bound(connection, insert.sql() + " FOR UPDATE", insert.with(rows.values())));
    }
  }

  private long update(Connection connection, String sql, List<BoundText.Value> values)
      throws SQLException {
    return statements.bound(connection, sql, values).executeLargeUpdate();
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
