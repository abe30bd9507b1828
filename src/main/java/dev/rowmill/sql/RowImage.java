package dev.rowmill.sql;

import dev.rowmill.sql.ImageColumn.Form;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Rows that a chunk has changed, each with its key.
 *
 * @param table with its schema
 * @param index by which rows are found by their keys
 * @param columns besides the key: those that were written of an updated row, all that are not
 *     generated of a row that came or went
 */
record RowImage(
    Kind kind,
    TableName table,
    String index,
    List<ImageColumn> keys,
    List<ImageColumn> columns,
    List<Row> rows) {

  /** What happened to the rows. */
  enum Kind {
    UPDATED,
    DELETED,
    INSERTED
  }

  /**
   * One row.
   *
   * @param before the columns as they were; of no length for a row that came
   * @param after a mark of each column as it became, by {@link #mark}; one for all of them for a
   *     row that came, of no length for one that went
   */
  record Row(byte[][] key, byte[] @Nullable [] before, byte[] @Nullable [] after) {}

  /** Up to here a value is its own mark; of a longer one its digest is kept. */
  private static final int LONGEST_MARK = 32;

  private static final int VERSION = 1;
  private static final byte[][] NOTHING = {};

  static Row updated(byte[][] key, byte[] @Nullable [] before, byte[] @Nullable [] after) {
    byte[][] marks = new byte[after.length][];
    for (int i = 0; i < after.length; i++) {
      marks[i] = mark(after[i]);
    }
    return new Row(key, before, marks);
  }

  static Row deleted(byte[][] key, byte[] @Nullable [] before) {
    return new Row(key, before, NOTHING);
  }

  static Row inserted(byte[][] key, byte[] @Nullable [] after) {
    return new Row(key, NOTHING, new byte[][] {mark(after)});
  }

  /** The same image of other rows. */
  RowImage of(List<Row> others) {
    return new RowImage(kind, table, index, keys, columns, others);
  }

  /** By which a value is known again; null for null. */
  static byte @Nullable [] mark(byte @Nullable [] value) {
    return value == null || value.length < LONGEST_MARK ? value : digest().digest(value);
  }

  /** By which a whole row is known again. */
  static byte[] mark(byte[] @Nullable [] values) {
    MessageDigest digest = digest();
    for (byte[] value : values) {
      int length = value == null ? -1 : value.length;
      for (int shift = 24; shift >= 0; shift -= 8) {
        digest.update((byte) (length >> shift));
      }
      if (value != null) {
        digest.update(value);
      }
    }
    return Arrays.copyOf(digest.digest(), LONGEST_MARK / 2);
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Images of one chunk, compressed: column by column, as values of a column are alike. */
  static byte[] write(List<RowImage> images) {
    var bytes = new ByteArrayOutputStream();
    var deflater = new Deflater(Deflater.BEST_SPEED);
    try (var out = new DataOutputStream(new DeflaterOutputStream(bytes, deflater, 1 << 13))) {
      var plain = new ByteArrayOutputStream(1 << 16);
      var data = new DataOutputStream(plain);
      data.writeByte(VERSION);
      data.writeInt(images.size());
      for (RowImage image : images) {
        image.write(data);
      }
      plain.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      deflater.end();
    }
    return bytes.toByteArray();
  }

  /**
   * @throws IllegalStateException when the bytes were not written by {@link #write}
   */
  static List<RowImage> read(byte[] bytes) {
    try (var in =
        new DataInputStream(
            new ByteArrayInputStream(
                new InflaterInputStream(new ByteArrayInputStream(bytes)).readAllBytes()))) {
      if (in.readByte() != VERSION) {
        throw new IllegalStateException("an image of another version of Rowmill");
      }
      int count = in.readInt();
      List<RowImage> images = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        images.add(read(in));
      }
      return images;
    } catch (IOException e) {
      throw new IllegalStateException("an image that can't be read", e);
    }
  }

  private void write(DataOutputStream out) throws IOException {
    out.writeByte(kind.ordinal());
    out.writeUTF(table.schema() == null ? "" : table.schema());
    out.writeUTF(table.name());
    out.writeUTF(index);
    write(out, keys);
    write(out, columns);
    out.writeInt(rows.size());
    for (int i = 0; i < keys.size(); i++) {
      for (Row row : rows) {
        write(out, row.key[i]);
      }
    }
    for (int i = 0; i < befores(); i++) {
      for (Row row : rows) {
        write(out, row.before[i]);
      }
    }
    for (int i = 0; i < afters(); i++) {
      for (Row row : rows) {
        write(out, row.after[i]);
      }
    }
  }

  private int befores() {
    return kind == Kind.INSERTED ? 0 : columns.size();
  }

  private int afters() {
    return switch (kind) {
      case UPDATED -> columns.size();
      case DELETED -> 0;
      case INSERTED -> 1;
    };
  }

  private static void write(DataOutputStream out, List<ImageColumn> columns) throws IOException {
    out.writeInt(columns.size());
    for (ImageColumn column : columns) {
      out.writeUTF(column.name());
      out.writeByte(column.form().ordinal());
      out.writeUTF(column.type());
      out.writeUTF(column.charset() == null ? "" : column.charset());
      out.writeUTF(column.collation() == null ? "" : column.collation());
    }
  }

  /** Its length and one, in seven bits a byte; 0 for NULL. */
  private static void write(DataOutputStream out, byte @Nullable [] value) throws IOException {
    int left = value == null ? 0 : value.length + 1;
    while (left > 0x7f) {
      out.writeByte(left | 0x80);
      left >>>= 7;
    }
    out.writeByte(left);
    if (value != null) {
      out.write(value);
    }
  }

  private static RowImage read(DataInputStream in) throws IOException {
    Kind kind = Kind.values()[in.readByte()];
    String schema = in.readUTF();
    TableName table = new TableName(schema.isEmpty() ? null : schema, in.readUTF());
    String index = in.readUTF();
    List<ImageColumn> keys = readColumns(in);
    List<ImageColumn> columns = readColumns(in);
    var image = new RowImage(kind, table, index, keys, columns, new ArrayList<>());
    int count = in.readInt();
    byte[][][] key = readValues(in, keys.size(), count);
    byte[][][] before = readValues(in, image.befores(), count);
    byte[][][] after = readValues(in, image.afters(), count);
    for (int i = 0; i < count; i++) {
      image.rows.add(new Row(key[i], before[i], after[i]));
    }
    return image;
  }

  private static List<ImageColumn> readColumns(DataInputStream in) throws IOException {
    int count = in.readInt();
    List<ImageColumn> columns = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = in.readUTF();
      Form form = Form.values()[in.readByte()];
      String type = in.readUTF();
      String charset = in.readUTF();
      String collation = in.readUTF();
      columns.add(
          new ImageColumn(
              name,
              form,
              type,
              charset.isEmpty() ? null : charset,
              collation.isEmpty() ? null : collation));
    }
    return List.copyOf(columns);
  }

  private static byte[][][] readValues(DataInputStream in, int columns, int rows)
      throws IOException {
    byte[][][] values = new byte[rows][columns][];
    for (int column = 0; column < columns; column++) {
      for (int row = 0; row < rows; row++) {
        values[row][column] = readValue(in);
      }
    }
    return values;
  }

  private static byte @Nullable [] readValue(DataInputStream in) throws IOException {
    int length = 0;
    int shift = 0;
    int next;
    do {
      next = in.readUnsignedByte();
      length |= (next & 0x7f) << shift;
      shift += 7;
    } while ((next & 0x80) != 0);
    return length == 0 ? null : in.readNBytes(length - 1);
  }
}
