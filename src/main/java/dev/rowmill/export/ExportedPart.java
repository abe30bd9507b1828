package dev.rowmill.export;

import dev.rowmill.database.Rows;
import dev.rowmill.task.Chunk;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Represents a file that a committed chunk has written.
 *
 * @param table quoted name of the rows' table, where an archive has several; null for an export
 * @param after exclusive lower cursor of its rows; null at the start of the walk
 * @param upTo inclusive upper cursor
 * @param lostValues number of values that the format can't represent
 */
public record ExportedPart(
    String name,
    @Nullable String table,
    int lane,
    @Nullable String after,
    String upTo,
    long rows,
    long bytes,
    String sha256,
    long lostValues) {

  /** Stores it in the transaction of its chunk. */
  void add(Connection connection, long batch) throws SQLException {
    Rows.update(
        connection,
        "INSERT INTO export_part (batch, name, of_table, lane, after_cursor, upto_cursor, row_count, bytes,"
            + " sha256, lost_values) VALUES "
            + Rows.list(10),
        batch,
        name,
        table,
        lane,
        after,
        upTo,
        rows,
        bytes,
        sha256,
        lostValues);
  }

  /** Returns the parts of a batch, in the order of their commits. */
  public static List<ExportedPart> list(Connection connection, long batch) throws SQLException {
    return Rows.query(
        connection,
        "SELECT name, of_table, lane, after_cursor, upto_cursor, row_count, bytes, sha256, lost_values FROM"
            + " export_part WHERE batch = ? ORDER BY id",
        row ->
            new ExportedPart(
                row.getString(1),
                row.getString(2),
                row.getInt(3),
                row.getString(4),
                row.getString(5),
                row.getLong(6),
                row.getLong(7),
                row.getString(8),
                row.getLong(9)),
        batch);
  }

  /**
   * Returns a name for the part of a chunk. It is unique for each attempt, so a process that was
   * taken for dead can't overwrite the part of its successor.
   *
   * @param table quoted name of the rows' table, where an archive has several; null for an export
   * @param attempt random text
   */
  static String name(
      @Nullable String table, int lane, Chunk chunk, String attempt, String extension) {
    return "part-"
        + (table == null ? "" : shown(table) + "-")
        + lane
        + "-"
        + (chunk.after() == null ? "begin" : shown(chunk.after()))
        + "-"
        + shown(chunk.upTo())
        + "-"
        + attempt
        + "."
        + extension;
  }

  /** Returns whether a file may be a part, or was to become one. */
  static boolean isName(String file) {
    return file.matches("\\.?part-[^/]*");
  }

  /** Returns the values of a cursor, as far as they fit into the name of a file. */
  private static String shown(String cursor) {
    String plain = cursor.replaceAll("[^A-Za-z0-9]+", "_").replaceAll("^_|_$", "");
    return plain.substring(0, Math.min(40, plain.length()));
  }
}
