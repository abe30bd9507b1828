package dev.rowmill.batch.store;

import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.Page;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.Rows;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.RowKey;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Stores and reads the rows that batches passed over, with their errors. Safe for many threads.
 * Throws a runtime exception with the SQL error among its causes when the database can't be
 * reached.
 */
@ApplicationScoped
public class SkippedRows {

  private static final String COLUMNS =
      "batch, lane, row_cursor, row_key, error, sql_state, message, after_cursor, upto_cursor";

  private static final String READ = "id, " + COLUMNS + ", retried_by";

  /** Limits the rows that one statement inserts, so that it fits into every packet. */
  private static final int ROWS_A_STATEMENT = 100;

  /** Limits the characters of a message. */
  private static final int LONGEST_MESSAGE = 2000;

  /** Represents a row that is about to be noted. */
  public record Note(RowKey row, int error, @Nullable String sqlState, String message) {}

  /**
   * Represents a row that was passed over.
   *
   * @param key JSON object with the key's columns and their values as text
   * @param from exclusive lower cursor of the row's chunk; null for the very start
   * @param to inclusive upper cursor of the row's chunk
   * @param retriedBy batch that has processed the row again; null for none
   */
  public record Skipped(
      long id,
      int lane,
      String key,
      int error,
      @Nullable String sqlState,
      String message,
      @Nullable String from,
      String to,
      @Nullable Long retriedBy) {}

  private final ControlTransactions transactions;

  SkippedRows(ControlTransactions transactions) {
    this.transactions = transactions;
  }

  /** Stores the rows that a chunk passed over, in the transaction of the chunk. */
  public static void add(Connection connection, LaneState lane, Chunk chunk, List<Note> notes)
      throws SQLException {
    for (int from = 0; from < notes.size(); from += ROWS_A_STATEMENT) {
      List<Note> some = notes.subList(from, Math.min(notes.size(), from + ROWS_A_STATEMENT));
      List<@Nullable Object> values = new ArrayList<>();
      for (Note note : some) {
        values.add(lane.batch());
        values.add(lane.lane());
        values.add(note.row().cursor());
        values.add(note.row().json());
        values.add(note.error());
        values.add(note.sqlState());
        values.add(shortened(note.message()));
        values.add(chunk.after());
        values.add(chunk.upTo());
      }
      Rows.update(
          connection,
          "INSERT INTO skipped_row (" + COLUMNS + ") VALUES " + Rows.lists(some.size(), 9),
          values.toArray());
    }
  }

  private static String shortened(String message) {
    return message.length() <= LONGEST_MESSAGE ? message : message.substring(0, LONGEST_MESSAGE);
  }

  /** Returns the number of notes of each lane of a batch that has any. */
  static Map<Integer, Long> counts(Connection connection, long batch) throws SQLException {
    Map<Integer, Long> counts = new HashMap<>();
    Rows.query(
        connection,
        "SELECT lane, COUNT(*) FROM skipped_row WHERE batch = ? GROUP BY lane",
        row -> counts.put(row.getInt(1), row.getLong(2)),
        batch);
    return counts;
  }

  /**
   * Returns a page of the rows that a batch passed over, in the order of their notes.
   *
   * @param error only rows with this error number; null for all
   * @param after only rows with higher ids
   * @param limit maximum number of items
   */
  public Page<Skipped> list(long batch, @Nullable Long error, long after, int limit) {
    String select = "SELECT " + READ + " FROM skipped_row FORCE INDEX ";
    List<Skipped> found =
        transactions.read(
            connection ->
                error == null
                    ? Rows.query(
                        connection,
                        select
                            + "(skipped_row_of_batch) WHERE batch = ? AND id > ?"
                            + " ORDER BY batch, id LIMIT ?",
                        SkippedRows::skipped,
                        batch,
                        after,
                        limit + 1)
                    : Rows.query(
                        connection,
                        select
                            + "(skipped_row_by_error) WHERE batch = ? AND error = ? AND id > ?"
                            + " ORDER BY batch, error, id LIMIT ?",
                        SkippedRows::skipped,
                        batch,
                        error,
                        after,
                        limit + 1));
    return Page.of(found, limit, Skipped::id);
  }

  private static Skipped skipped(ResultSet row) throws SQLException {
    return new Skipped(
        row.getLong("id"),
        row.getInt("lane"),
        row.getString("row_key"),
        row.getInt("error"),
        row.getString("sql_state"),
        row.getString("message"),
        row.getString("after_cursor"),
        row.getString("upto_cursor"),
        row.getObject("retried_by", Long.class));
  }
}
