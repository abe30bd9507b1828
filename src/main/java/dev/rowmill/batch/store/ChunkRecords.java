package dev.rowmill.batch.store;

import dev.rowmill.batch.LaneState;
import dev.rowmill.database.Rows;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.Image;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Reads and writes the records and undo images of chunks, on the connection and in the transaction
 * of the caller. The fence is the caller's own checkpoint, which is moved in the same transaction.
 * Stateless.
 */
public final class ChunkRecords {

  private static final String ADD =
      "INSERT INTO chunk_record (batch, lane, after_cursor, upto_cursor, rows_scanned,"
          + " rows_changed, image_rows, image_bytes, image) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";

  private static final String LEFT =
      " FROM chunk_record WHERE batch = ? AND undone_rows < image_rows";

  private static final byte[] NOTHING = {};

  /** Limits the bytes of an image that every server accepts in one statement. */
  private static final int ALWAYS_FITS = 256 << 10;

  /**
   * Limits the bytes of an image that one statement writes. InnoDB also limits a value by the size
   * of its redo log.
   */
  private static final long LARGEST_PIECE = 4L << 20;

  private ChunkRecords() {}

  /**
   * Represents a chunk that is not completely undone.
   *
   * @param rows rows in its image
   * @param undoneRows number of these that are undone, from the end
   */
  public record Undoable(long id, int rows, int undoneRows) {
    /** Returns the number of rows still to be restored. */
    public int left() {
      return rows - undoneRows;
    }
  }

  /**
   * Represents a part of an image.
   *
   * @param number id of the part; of the first one, the bytes of the whole image
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Part(long number, byte[] bytes) {}

  /** Stores the record of a chunk with its undo image, if there is one. */
  public static void add(Connection connection, LaneState lane, Chunk chunk, ChunkResult work)
      throws SQLException {
    Image image = work.image();
    byte[] bytes = image == null ? NOTHING : image.bytes();
    int first = Math.min(bytes.length, piece(connection, bytes));
    long record =
        Rows.insert(
            connection,
            ADD,
            lane.batch(),
            lane.lane(),
            chunk.after(),
            chunk.upTo(),
            chunk.rows(),
            work.changed(),
            image == null ? 0 : image.rows(),
            bytes.length,
            Arrays.copyOf(bytes, first));
    for (int from = first; from < bytes.length; from += first) {
      Rows.update(
          connection,
          "INSERT INTO chunk_record_part (batch, record, bytes) VALUES (?, ?, ?)",
          lane.batch(),
          record,
          Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + first)));
    }
  }

  private static int piece(Connection connection, byte[] image) throws SQLException {
    return image.length <= ALWAYS_FITS
        ? ALWAYS_FITS
        : (int) Math.min(LARGEST_PIECE, Rows.number(connection, "SELECT @@max_allowed_packet") / 4);
  }

  /**
   * Returns the newest chunk of a batch with rows to be restored.
   *
   * @param before only records with a smaller id
   */
  public static Optional<Undoable> newestLeft(Connection connection, long batch, long before)
      throws SQLException {
    return find(connection, LEFT + " AND id < ? ORDER BY id DESC LIMIT 1", batch, before);
  }

  /** Returns the oldest chunk of a batch with rows to be restored. */
  public static Optional<Undoable> oldestLeft(Connection connection, long batch)
      throws SQLException {
    return find(connection, LEFT + " ORDER BY id LIMIT 1", batch);
  }

  /** Returns a chunk, or empty if it does not belong to the batch. */
  public static Optional<Undoable> find(Connection connection, long batch, long id)
      throws SQLException {
    return find(connection, " FROM chunk_record WHERE batch = ? AND id = ?", batch, id);
  }

  private static Optional<Undoable> find(Connection connection, String from, Object... values)
      throws SQLException {
    return Rows.first(
        connection,
        "SELECT id, image_rows, undone_rows" + from,
        row -> new Undoable(row.getLong(1), row.getInt(2), row.getInt(3)),
        values);
  }

  /** Returns the number of rows of a batch still to be restored. */
  public static long rowsLeft(Connection connection, long batch) throws SQLException {
    return Rows.number(
        connection, "SELECT COALESCE(SUM(image_rows - undone_rows), 0)" + LEFT, batch);
  }

  /**
   * Returns the undo image of a chunk.
   *
   * @throws SQLException when it has been deleted
   */
  public static byte[] image(Connection connection, long id) throws SQLException {
    Part first =
        part(connection, "SELECT image_bytes, image FROM chunk_record WHERE id = ?", id, id);
    byte[] image = Arrays.copyOf(first.bytes, (int) first.number);
    long last = 0;
    for (int filled = first.bytes.length; filled < image.length; ) {
      Part part =
          part(
              connection,
              "SELECT id, bytes FROM chunk_record_part WHERE record = ? AND id > ?"
                  + " ORDER BY id LIMIT 1",
              id,
              id,
              last);
      System.arraycopy(part.bytes, 0, image, filled, part.bytes.length);
      filled += part.bytes.length;
      last = part.number;
    }
    return image;
  }

  private static Part part(Connection connection, String sql, long record, Object... values)
      throws SQLException {
    return Rows.first(connection, sql, row -> new Part(row.getLong(1), row.getBytes(2)), values)
        .orElseThrow(() -> gone(record));
  }

  private static SQLException gone(long id) {
    return new SQLException("the undo data of chunk record " + id + " is no longer available");
  }

  /**
   * Stores how many rows of a chunk have been undone.
   *
   * @param from number of undone rows before
   * @throws SQLException when the stored number differs, as another transaction is undoing the
   *     chunk
   */
  public static void undone(Connection connection, long id, int from, int to) throws SQLException {
    int updated =
        Rows.update(
            connection,
            "UPDATE chunk_record SET undone_rows = ? WHERE id = ? AND undone_rows = ?",
            to,
            id,
            from);
    if (updated != 1) {
      throw new SQLException("chunk record " + id + " is being undone by another run");
    }
  }

  /** Stores that an undo has restored all rows of a batch that it could. */
  public static void undoneBy(Connection connection, long batch, long undo) throws SQLException {
    Rows.update(connection, "UPDATE batch SET undone_by = ? WHERE id = ?", undo, batch);
  }
}
