package dev.rowmill.sql.run;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.database.Digests;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.ImageColumn.Form;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Holds rows that a chunk has changed, each with its key.
 *
 * @param table table with its schema
 * @param index index by which rows are found by their keys
 * @param columns columns besides the key: the written ones for updated rows, all that are not
 *     generated for deleted and inserted rows
 */
public record RowImage(
    Kind kind,
    TableName table,
    String index,
    List<ImageColumn> keys,
    List<ImageColumn> columns,
    List<Row> rows) {

  /** Represents how the rows were changed. */
  enum Kind {
    UPDATED(0),
    DELETED(1),
    INSERTED(2);

    /** Identifies the kind in stored images, which outlive a version of Rowmill. Never changes. */
    private final int code;

    Kind(int code) {
      this.code = code;
    }

    private static Kind of(int code) {
      return Arrays.stream(values())
          .filter(kind -> kind.code == code)
          .findFirst()
          .orElseThrow(() -> unknown("kind of change", code));
    }
  }

  /**
   * Represents one row.
   *
   * @param before old values of the columns; empty for an inserted row
   * @param after marks of the new values, by {@link #mark}: one per column for an updated row, a
   *     single one for an inserted row. Empty for a deleted row
   */
  record Row(byte[][] key, byte[] @Nullable [] before, byte[] @Nullable [] after) {}

  /** Limits the length of a value that is its own mark; a longer value is stored as its digest. */
  private static final int LONGEST_MARK = 32;

  private static final int VERSION = 1;

  /** Limits the size of an array, in any JVM. */
  private static final long LARGEST = Integer.MAX_VALUE - 8L;

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

  /** Returns an image of other rows with the same layout. */
  RowImage of(List<Row> others) {
    return of(kind, others);
  }

  /** Returns an image of rows of the same table and columns that were changed in some way. */
  RowImage of(Kind how, List<Row> others) {
    return new RowImage(how, table, index, keys, columns, others);
  }

  List<ImageColumn> keysAndColumns() {
    return Stream.concat(keys.stream(), columns.stream()).toList();
  }

  /** Returns the columns of a row's key and their values as text. */
  ObjectNode shownKey(Row row) {
    ObjectNode key = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < keys.size(); i++) {
      key.put(keys.get(i).name(), keys.get(i).shown(row.key()[i]));
    }
    return key;
  }

  /** Returns a mark that identifies a value; null for null. */
  static byte @Nullable [] mark(byte @Nullable [] value) {
    return value == null || value.length < LONGEST_MARK ? value : Digests.sha256().digest(value);
  }

  /** Returns a mark that identifies all values of a row. */
  static byte[] mark(byte[] @Nullable [] values) {
    MessageDigest digest = Digests.sha256();
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

  /**
   * Returns the compressed images of one chunk. They are written column by column, as values of a
   * column are similar.
   */
  static byte[] write(List<RowImage> images) {
    var out = new Plain();
    out.writeByte(VERSION);
    out.writeInt(images.size());
    for (RowImage image : images) {
      image.write(out);
    }
    return out.compressed();
  }

  /**
   * Reads the images of one chunk.
   *
   * @throws IllegalStateException if the bytes were not written by {@link #write}
   */
  static List<RowImage> read(byte[] bytes) {
    try (var in =
        new DataInputStream(
            new ByteArrayInputStream(
                new InflaterInputStream(new ByteArrayInputStream(bytes)).readAllBytes()))) {
      int version = in.readByte();
      if (version != VERSION) {
        throw unknown("format version", version);
      }
      int count = in.readInt();
      List<RowImage> images = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        images.add(read(in));
      }
      return images;
    } catch (IOException e) {
      throw new IllegalStateException("The row image can't be read", e);
    }
  }

  private static IllegalStateException unknown(String what, int code) {
    return new IllegalStateException(
        "The row image has the unknown %s %d: another version of Rowmill has written it"
            .formatted(what, code));
  }

  private void write(Plain out) {
    out.writeByte(kind.code);
    out.writeText(table.schema() == null ? "" : table.schema());
    out.writeText(table.name());
    out.writeText(index);
    write(out, keys);
    write(out, columns);
    out.writeInt(rows.size());
    for (int i = 0; i < keys.size(); i++) {
      for (Row row : rows) {
        out.writeValue(row.key[i]);
      }
    }
    for (int i = 0; i < befores(); i++) {
      for (Row row : rows) {
        out.writeValue(row.before[i]);
      }
    }
    for (int i = 0; i < afters(); i++) {
      for (Row row : rows) {
        out.writeValue(row.after[i]);
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

  private static void write(Plain out, List<ImageColumn> columns) {
    out.writeInt(columns.size());
    for (ImageColumn column : columns) {
      out.writeText(column.name());
      out.writeByte(column.form().code());
      out.writeText(column.type());
      out.writeText(column.charset() == null ? "" : column.charset());
      out.writeText(column.collation() == null ? "" : column.collation());
    }
  }

  /**
   * Collects the bytes before compression. Filling a stream of the JDK takes as long as the
   * compression itself.
   */
  private static final class Plain {
    private byte[] bytes = new byte[1 << 16];
    private int size;

    private void need(long more) {
      if (size + more > bytes.length) {
        long twice = Math.max(size + more, 2L * bytes.length);
        bytes = Arrays.copyOf(bytes, Math.toIntExact(Math.min(twice, LARGEST)));
      }
    }

    void writeByte(int value) {
      need(1);
      bytes[size++] = (byte) value;
    }

    void writeInt(int value) {
      for (int shift = 24; shift >= 0; shift -= 8) {
        writeByte(value >> shift);
      }
    }

    void writeText(String text) {
      writeValue(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes a value after its length plus one, in seven bits a byte; 0 for NULL. */
    void writeValue(byte @Nullable [] value) {
      int left = value == null ? 0 : value.length + 1;
      while (left > 0x7f) {
        writeByte(left | 0x80);
        left >>>= 7;
      }
      writeByte(left);
      if (value != null) {
        need(value.length);
        System.arraycopy(value, 0, bytes, size, value.length);
        size += value.length;
      }
    }

    byte[] compressed() {
      var deflater = new Deflater(Deflater.BEST_SPEED);
      try {
        deflater.setInput(bytes, 0, size);
        deflater.finish();
        var out = new ByteArrayOutputStream(size / 4 + 64);
        byte[] some = new byte[1 << 14];
        while (!deflater.finished()) {
          out.write(some, 0, deflater.deflate(some));
        }
        return out.toByteArray();
      } finally {
        deflater.end();
      }
    }
  }

  private static RowImage read(DataInputStream in) throws IOException {
    Kind kind = Kind.of(in.readByte());
    String schema = readText(in);
    TableName table = new TableName(schema.isEmpty() ? null : schema, readText(in));
    String index = readText(in);
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
      String name = readText(in);
      int code = in.readByte();
      Form form = Form.of(code).orElseThrow(() -> unknown("encoding of values", code));
      String type = readText(in);
      String charset = readText(in);
      String collation = readText(in);
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

  private static String readText(DataInputStream in) throws IOException {
    byte[] text = readValue(in);
    return text == null ? "" : new String(text, StandardCharsets.UTF_8);
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
