package dev.rowmill.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.database.Digests;
import dev.rowmill.database.Rows;
import dev.rowmill.sql.run.ImageColumn;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Represents a file that a committed chunk has written.
 *
 * @param table quoted name of the rows' table, where an archive has several; null for an export
 * @param after exclusive lower cursor of its rows; null at the start of the walk
 * @param upTo inclusive upper cursor
 * @param columns digest of the columns of its table
 * @param lostValues number of values that it does not have as they were, by the name of the column
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
    String columns,
    Map<String, Long> lostValues) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<LinkedHashMap<String, Long>> COUNTS = new TypeReference<>() {};

  /** Stores it in the transaction of its chunk. */
  void add(Connection connection, long batch) throws SQLException {
    Rows.update(
        connection,
        "INSERT INTO export_part (batch, name, of_table, lane, after_cursor, upto_cursor, row_count, bytes,"
            + " sha256, column_digest, lost_values) VALUES "
            + Rows.list(11),
        batch,
        name,
        table,
        lane,
        after,
        upTo,
        rows,
        bytes,
        sha256,
        columns,
        counts(lostValues));
  }

  /** Returns the parts of a batch, in the order of their commits. */
  public static List<ExportedPart> list(Connection connection, long batch) throws SQLException {
    return Rows.query(
        connection,
        "SELECT name, of_table, lane, after_cursor, upto_cursor, row_count, bytes, sha256, column_digest, lost_values FROM"
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
                row.getString(9),
                counts(row.getString(10))),
        batch);
  }

  private static String counts(Map<String, Long> counts) {
    try {
      return JSON.writeValueAsString(counts);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, Long> counts(String json) {
    try {
      return JSON.readValue(json, COUNTS);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the digest of the columns of a table: their names, types and character sets. */
  public static String digest(List<ImageColumn> columns) {
    return Digests.sha256Hex(
        columns.stream()
            .map(column -> column.name() + " " + column.type() + " " + column.charset())
            .collect(Collectors.joining("\n")));
  }

  /**
   * Checks that all parts of a batch have the same columns.
   *
   * @param table its written name
   * @throws Refusal {@code export-incomplete} if the table was altered in between
   */
  static void checkColumns(
      Connection connection, long batch, List<ImageColumn> columns, String table)
      throws SQLException {
    boolean others =
        Rows.first(
                connection,
                "SELECT 1 FROM export_part WHERE batch = ? AND column_digest <> ? LIMIT 1",
                row -> true,
                batch,
                digest(columns))
            .isPresent();
    if (others) {
      throw ExportManifests.incomplete(Reason.of("export-altered", "table", table));
    }
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
