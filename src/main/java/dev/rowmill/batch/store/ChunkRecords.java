package dev.rowmill.batch.store;

import dev.rowmill.batch.LaneState;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.Image;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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

  /** Stores the record of a chunk with its undo image, if there is one. */
  public static void add(Connection connection, LaneState lane, Chunk chunk, ChunkResult work)
      throws SQLException {
    Image image = work.image();
    try (PreparedStatement insert = connection.prepareStatement(ADD)) {
      insert.setLong(1, lane.batch());
      insert.setInt(2, lane.lane());
      insert.setString(3, chunk.after());
      insert.setString(4, chunk.upTo());
      insert.setLong(5, chunk.rows());
      insert.setLong(6, work.changed());
      insert.setInt(7, image == null ? 0 : image.rows());
      insert.setInt(8, image == null ? 0 : image.bytes().length);
      int first = image == null ? 0 : Math.min(image.bytes().length, piece(connection, image));
      insert.setBytes(9, image == null ? NOTHING : Arrays.copyOf(image.bytes(), first));
      insert.executeUpdate();
      if (image != null && first < image.bytes().length) {
        addParts(connection, lane.batch(), image.bytes(), first);
      }
    }
  }

  private static int piece(Connection connection, Image image) throws SQLException {
    return image.bytes().length <= ALWAYS_FITS
        ? ALWAYS_FITS
        : (int) Math.min(LARGEST_PIECE, number(connection, "SELECT @@max_allowed_packet") / 4);
  }

  private static void addParts(Connection connection, long batch, byte[] image, int piece)
      throws SQLException {
    long record = number(connection, "SELECT LAST_INSERT_ID()");
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO chunk_record_part (batch, record, bytes) VALUES (?, ?, ?)")) {
      for (int from = piece; from < image.length; from += piece) {
        insert.setLong(1, batch);
        insert.setLong(2, record);
        insert.setBytes(3, Arrays.copyOfRange(image, from, Math.min(image.length, from + piece)));
        insert.executeUpdate();
      }
    }
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  /**
   * Returns the newest chunk of a batch with rows to be restored.
   *
   * @param before only records with a smaller id
   */
  public static Optional<Undoable> newestLeft(Connection connection, long batch, long before)
      throws SQLException {
    return find(connection, "AND id < ? ORDER BY id DESC LIMIT 1", batch, before);
  }

  /** Returns the oldest chunk of a batch with rows to be restored. */
  public static Optional<Undoable> oldestLeft(Connection connection, long batch)
      throws SQLException {
    return find(connection, "AND id > ? ORDER BY id LIMIT 1", batch, 0);
  }

  /** Returns a chunk, or empty if it does not belong to the batch. */
  public static Optional<Undoable> find(Connection connection, long batch, long id)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT id, image_rows, undone_rows FROM chunk_record WHERE batch = ? AND id = ?")) {
      select.setLong(1, batch);
      select.setLong(2, id);
      return one(select);
    }
  }

  private static Optional<Undoable> find(Connection connection, String tail, long batch, long than)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT id, image_rows, undone_rows" + LEFT + " " + tail)) {
      select.setLong(1, batch);
      select.setLong(2, than);
      return one(select);
    }
  }

  private static Optional<Undoable> one(PreparedStatement select) throws SQLException {
    try (ResultSet row = select.executeQuery()) {
      return row.next()
          ? Optional.of(new Undoable(row.getLong(1), row.getInt(2), row.getInt(3)))
          : Optional.empty();
    }
  }

  /** Returns the number of rows of a batch still to be restored. */
  public static long rowsLeft(Connection connection, long batch) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT COALESCE(SUM(image_rows - undone_rows), 0)" + LEFT)) {
      select.setLong(1, batch);
      try (ResultSet row = select.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  /**
   * Returns the undo image of a chunk.
   *
   * @throws SQLException when it has been deleted
   */
  public static byte[] image(Connection connection, long id) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT image_bytes, image FROM chunk_record WHERE id = ?")) {
      select.setLong(1, id);
      try (ResultSet row = select.executeQuery()) {
        if (!row.next()) {
          throw gone(id);
        }
        byte[] first = row.getBytes(2);
        int length = row.getInt(1);
        return first.length == length ? first : withParts(connection, id, first, length);
      }
    }
  }

  private static byte[] withParts(Connection connection, long id, byte[] first, int length)
      throws SQLException {
    byte[] image = Arrays.copyOf(first, length);
    int filled = first.length;
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT id, bytes FROM chunk_record_part WHERE record = ? AND id > ?"
                + " ORDER BY id LIMIT 1")) {
      long last = 0;
      while (filled < length) {
        select.setLong(1, id);
        select.setLong(2, last);
        try (ResultSet row = select.executeQuery()) {
          if (!row.next()) {
            throw gone(id);
          }
          byte[] part = row.getBytes(2);
          System.arraycopy(part, 0, image, filled, part.length);
          filled += part.length;
          last = row.getLong(1);
        }
      }
    }
    return image;
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
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE chunk_record SET undone_rows = ? WHERE id = ? AND undone_rows = ?")) {
      update.setInt(1, to);
      update.setLong(2, id);
      update.setInt(3, from);
      if (update.executeUpdate() != 1) {
        throw new SQLException("chunk record " + id + " is being undone by another run");
      }
    }
  }

  /** Stores that an undo has restored all rows of a batch that it could. */
  public static void undoneBy(Connection connection, long batch, long undo) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement("UPDATE batch SET undone_by = ? WHERE id = ?")) {
      update.setLong(1, undo);
      update.setLong(2, batch);
      update.executeUpdate();
    }
  }
}
