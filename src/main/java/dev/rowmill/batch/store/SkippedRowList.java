package dev.rowmill.batch.store;

import dev.rowmill.batch.SkippedOf;
import dev.rowmill.database.Rows;
import dev.rowmill.task.RowKey;
import dev.rowmill.task.RowList;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lists the rows that a batch has passed over and that no other batch has retried. The position of
 * a row is the number of its note. Immutable.
 */
public final class SkippedRowList implements RowList {

  /** Selects the notes that are left, by an index that has all these columns. */
  private static final String OF_ALL = " WHERE batch = ? AND id > ? AND id <= ?";

  private static final String OF_ERROR = " WHERE batch = ? AND error = ? AND id > ? AND id <= ?";
  private static final String LEFT = " AND retried_by IS NULL";

  private final SkippedOf rows;

  /** Holds the batch that retries the rows; null where none of them may be removed. */
  private final @Nullable Long retry;

  private SkippedRowList(SkippedOf rows, @Nullable Long retry) {
    this.rows = rows;
    this.retry = retry;
  }

  /** Returns a list that is only read. */
  public static SkippedRowList of(SkippedOf rows) {
    return new SkippedRowList(rows, null);
  }

  /** Returns the list of the batch that retries the rows: the active one of its project. */
  public static SkippedRowList forRetry(Connection connection, String project, SkippedOf rows)
      throws SQLException {
    return new SkippedRowList(
        rows,
        Rows.first(
                connection,
                "SELECT id FROM batch WHERE active_project = ? AND skipped_of = ?",
                row -> row.getLong(1),
                project,
                rows.batch())
            .orElseThrow(
                () ->
                    new SQLException(
                        "no batch over the skipped rows of batch " + rows.batch() + " is active")));
  }

  @Override
  public Span left(Connection connection) throws SQLException {
    return Rows.first(
            connection,
            "SELECT COALESCE(MIN(id), 0), COALESCE(MAX(id), 0), COUNT(*) FROM skipped_row FORCE INDEX ("
                + index()
                + ")"
                + where(),
            row -> new Span(row.getLong(1), row.getLong(2), row.getLong(3)),
            values(0, Long.MAX_VALUE))
        .orElseThrow();
  }

  @Override
  public List<Entry> read(Connection connection, long after, long upTo, int most)
      throws SQLException {
    return Rows.query(
        connection,
        "SELECT id, row_cursor, row_key FROM skipped_row FORCE INDEX ("
            + index()
            + ")"
            + where()
            + " ORDER BY batch, "
            + (rows.error() == null ? "" : "error, ")
            + "id LIMIT "
            + most,
        row -> new Entry(row.getLong(1), new RowKey(row.getString(2), row.getString(3))),
        values(after, upTo));
  }

  @Override
  public void remove(Connection connection, long after, long upTo) throws SQLException {
    if (retry == null) {
      throw new IllegalStateException("the list is only read");
    }
    Rows.update(
        connection, "UPDATE skipped_row SET retried_by = " + retry + where(), values(after, upTo));
  }

  private String index() {
    return rows.error() == null ? "skipped_row_of_batch" : "skipped_row_by_error";
  }

  private String where() {
    return (rows.error() == null ? OF_ALL : OF_ERROR) + LEFT;
  }

  private Object[] values(long after, long upTo) {
    return rows.error() == null
        ? new Object[] {rows.batch(), after, upTo}
        : new Object[] {rows.batch(), rows.error(), after, upTo};
  }
}
