package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.LaneState;
import dev.rowmill.database.Rows;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.Image;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes the records and undo images of chunks, on the connection and in the transaction
 * of the caller. The fence is the caller's own checkpoint, which is moved in the same transaction.
 * Stateless.
 */
public final class ChunkRecords {

  private static final String ADD =
      "INSERT INTO chunk_record (batch, lane, after_cursor, upto_cursor, rows_scanned,"
          + " rows_changed, rows_skipped, image_rows, image_bytes, image) VALUES ";

  private static final int COLUMNS_OF_RECORD = 10;

  /** Bounds the bytes of a record without its image and with cursors of usual length. */
  private static final int ROW_BYTES = 512;

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
   * Represents a piece of an image.
   *
   * @param number id of the piece; of the first one, the bytes of the whole image
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Piece(long number, byte[] bytes) {}

  /**
   * Represents a part of a chunk's range, with what happened to its rows.
   *
   * @param skipped number of rows that were passed over
   */
  public record Part(Chunk chunk, ChunkResult done, long skipped) {}

  /** Stores the record of a chunk with its undo image, if there is one. */
  public static void add(Connection connection, LaneState lane, Chunk chunk, ChunkResult work)
      throws SQLException {
    add(connection, lane, new Part(chunk, work, 0));
  }

  /**
   * Stores a record for each part of a chunk, in their order. Small ones share a statement.
   *
   * @param parts parts of one chunk
   */
  public static void add(Connection connection, LaneState lane, List<Part> parts)
      throws SQLException {
    List<Part> small = new ArrayList<>();
    int bytes = 0;
    for (Part part : parts) {
      int size = bytes(part).length + ROW_BYTES;
      if (bytes + size > ALWAYS_FITS) {
        addSmall(connection, lane, small);
        small.clear();
        bytes = 0;
      }
      if (size > ALWAYS_FITS) {
        add(connection, lane, part);
      } else {
        small.add(part);
        bytes += size;
      }
    }
    addSmall(connection, lane, small);
  }

  private static void addSmall(Connection connection, LaneState lane, List<Part> parts)
      throws SQLException {
    if (!parts.isEmpty()) {
      List<@Nullable Object> values = new ArrayList<>();
      parts.forEach(part -> values.addAll(values(lane, part, bytes(part))));
      Rows.update(connection, ADD + Rows.lists(parts.size(), COLUMNS_OF_RECORD), values.toArray());
    }
  }

  private static void add(Connection connection, LaneState lane, Part part) throws SQLException {
    byte[] bytes = bytes(part);
    int first = Math.min(bytes.length, piece(connection, bytes));
    long record =
        Rows.insert(
            connection,
            ADD + Rows.list(COLUMNS_OF_RECORD),
            values(lane, part, Arrays.copyOf(bytes, first)).toArray());
    for (int from = first; from < bytes.length; from += first) {
      Rows.update(
          connection,
          "INSERT INTO chunk_record_part (batch, record, bytes) VALUES (?, ?, ?)",
          lane.batch(),
          record,
          Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + first)));
    }
  }

  /**
   * Returns the values of a record.
   *
   * @param first the image, or its first part
   */
  private static List<@Nullable Object> values(LaneState lane, Part part, byte[] first) {
    Image image = part.done().image();
    List<@Nullable Object> values = new ArrayList<>();
    values.add(lane.batch());
    values.add(lane.lane());
    values.add(part.chunk().after());
    values.add(part.chunk().upTo());
    values.add(part.chunk().rows());
    values.add(part.done().changed());
    values.add(part.skipped());
    values.add(image == null ? 0 : image.rows());
    values.add(bytes(part).length);
    values.add(first);
    return values;
  }

  private static byte[] bytes(Part part) {
    Image image = part.done().image();
    return image == null ? NOTHING : image.bytes();
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

  /**
   * Represents the next record with changed rows, and the state of its batch at the same time.
   *
   * @param id empty if there is none
   * @param isPurged whether undo data of the batch have been deleted, or are about to be
   */
  public record Next(OptionalLong id, BatchStatus status, int epoch, boolean isPurged) {}

  /**
   * Returns the next record of a batch with changed rows.
   *
   * @param from only records with a higher id, or with a smaller one
   * @param backwards whether the next record is the one with the highest smaller id
   */
  public static Next next(Connection connection, long batch, long from, boolean backwards)
      throws SQLException {
    return Rows.first(
            connection,
            "SELECT b.status, b.epoch, b.undo_purged IS NOT NULL, (SELECT r.id FROM chunk_record r"
                + " FORCE INDEX (chunk_record_of_batch) WHERE r.batch = b.id AND r.image_bytes > 0"
                + (backwards ? " AND r.id < ? ORDER BY r.id DESC" : " AND r.id > ? ORDER BY r.id")
                + " LIMIT 1) FROM batch b WHERE b.id = ?",
            row -> {
              Long id = row.getObject(4, Long.class);
              return new Next(
                  id == null ? OptionalLong.empty() : OptionalLong.of(id),
                  BatchStatus.valueOf(row.getString(1)),
                  row.getInt(2),
                  row.getBoolean(3));
            },
            from,
            batch)
        .orElseThrow();
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
    Piece first =
        piece(connection, "SELECT image_bytes, image FROM chunk_record WHERE id = ?", id, id);
    byte[] image = Arrays.copyOf(first.bytes, (int) first.number);
    long last = 0;
    for (int filled = first.bytes.length; filled < image.length; ) {
      Piece part =
          piece(
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

  private static Piece piece(Connection connection, String sql, long record, Object... values)
      throws SQLException {
    return Rows.first(connection, sql, row -> new Piece(row.getLong(1), row.getBytes(2)), values)
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
