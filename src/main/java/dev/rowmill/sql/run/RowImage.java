package dev.rowmill.sql.run;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.database.Digests;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.ImageColumn.Form;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.task.Refusal;
import java.io.IOException;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Holds rows that a chunk has changed, each with its key.
 *
 * @param table table with its schema
 * @param index index by which rows are found by their keys
 * @param columns columns besides the key: the written ones for updated rows, all that are not
 *     generated for deleted and inserted rows
 * @param formula how the new values of updated rows are computed from the old ones; null if the
 *     rows have marks of them
 * @param movedTo table that deleted rows were copied to in the same transaction, with its schema;
 *     null if they were not
 */
public record RowImage(
    Kind kind,
    TableName table,
    String index,
    List<ImageColumn> keys,
    List<ImageColumn> columns,
    List<Row> rows,
    @Nullable Formula formula,
    @Nullable TableName movedTo) {

  RowImage(
      Kind kind,
      TableName table,
      String index,
      List<ImageColumn> keys,
      List<ImageColumn> columns,
      List<Row> rows,
      @Nullable Formula formula) {
    this(kind, table, index, keys, columns, rows, formula, null);
  }

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

    /** Identifies deleted rows that were moved to another table. */
    private static final int MOVED = 3;

    private static Kind of(int code) {
      return code == MOVED
          ? DELETED
          : Arrays.stream(values())
              .filter(kind -> kind.code == code)
              .findFirst()
              .orElseThrow(() -> ImageInput.unknown("kind of change", code));
    }
  }

  /**
   * Represents one row.
   *
   * @param before old values of the columns, followed by those of a formula's inputs; empty for an
   *     inserted row
   * @param after marks of the new values, by {@link #mark}: one per column for an updated row, a
   *     single one for an inserted row. Empty for a deleted row, and in an image with a formula
   */
  record Row(byte[][] key, byte[] @Nullable [] before, byte[] @Nullable [] after) {}

  /** Limits the length of a value that is its own mark; a longer value is stored as its digest. */
  private static final int LONGEST_MARK = 32;

  private static final byte[][] NOTHING = {};

  static Row updated(byte[][] key, byte[] @Nullable [] before, byte[] @Nullable [] after) {
    byte[][] marks = new byte[after.length][];
    for (int i = 0; i < after.length; i++) {
      marks[i] = mark(after[i]);
    }
    return new Row(key, before, marks);
  }

  /** Returns updated rows with marks instead of their new values. */
  static List<Row> marked(List<Row> valued) {
    return valued.stream().map(row -> updated(row.key, row.before, row.after)).toList();
  }

  /** Returns whether a mark of an updated row identifies a value without being it. */
  static boolean isDigest(byte @Nullable [] mark) {
    return mark != null && mark.length == LONGEST_MARK;
  }

  /** Returns an updated row of an image with a formula. */
  static Row computed(byte[][] key, byte[] @Nullable [] before) {
    return new Row(key, before, NOTHING);
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

  /** Returns an image of other rows that were changed in the same way. */
  RowImage with(List<Row> others) {
    return new RowImage(kind, table, index, keys, columns, others, formula, movedTo);
  }

  /** Returns an image of rows of the same table and columns that were changed in some way. */
  RowImage of(Kind how, List<Row> others) {
    return new RowImage(
        how, table, index, keys, columns, others, null, how == kind ? movedTo : null);
  }

  /** Returns the layout of an image of deleted rows that were moved to another table. */
  public RowImage movedTo(@Nullable TableName other) {
    return new RowImage(kind, table, index, keys, columns, List.of(), null, other);
  }

  /** Returns the layout of an image of rows that were moved back. */
  RowImage movedBack() {
    return new RowImage(
        kind, Objects.requireNonNull(movedTo), index, keys, columns, List.of(), null, table);
  }

  /** Returns the layout of an image without marks of new values, which a formula computes. */
  RowImage with(Formula computing) {
    return new RowImage(kind, table, index, keys, columns, List.of(), computing);
  }

  /** Returns the columns whose values are stored. */
  List<ImageColumn> stored() {
    return formula == null
        ? keysAndColumns()
        : Stream.concat(keysAndColumns().stream(), formula.inputs().stream()).toList();
  }

  /**
   * Returns a stored column that the table no longer has, or that can't hold the stored values
   * unchanged any more; empty if there is none.
   */
  Optional<ImageColumn> changedColumn(Catalog catalog) throws SQLException {
    List<ImageColumn> now = catalog.columns(table).stream().map(ImageColumn::of).toList();
    return stored().stream()
        .filter(stored -> now.stream().noneMatch(column -> column.accepts(stored)))
        .findFirst();
  }

  /**
   * Checks that the table still has the stored columns.
   *
   * @throws Refusal {@code undo-table-changed} if one is gone or has another type
   */
  void checkColumns(Catalog catalog) throws SQLException {
    Optional<ImageColumn> changed = changedColumn(catalog);
    if (changed.isPresent()) {
      throw new Refusal(
          "undo-table-changed", Map.of("table", table.written(), "column", changed.get().name()));
    }
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
    var out = new ImageOutput();
    out.writeInt(images.size());
    for (RowImage image : images) {
      image.write(out);
    }
    return out.compressed();
  }

  /**
   * Returns the compressed image of rows that all are changed, without marks of new values.
   *
   * @param layout image of updated rows with a formula, or of deleted rows
   */
  static byte[] write(RowImage layout, LockedRows rows) throws SQLException {
    var out = new ImageOutput();
    out.writeInt(1);
    layout.writeLayout(out);
    out.writeInt(rows.size());
    rows.write(out);
    return out.compressed();
  }

  /**
   * Reads the images of one chunk.
   *
   * @throws IllegalStateException if the bytes were not written by {@link #write}
   */
  static List<RowImage> read(byte[] bytes) {
    try (var in = ImageInput.of(bytes)) {
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

  private void writeLayout(ImageOutput out) {
    out.writeByte(movedTo == null ? kind.code : Kind.MOVED);
    if (movedTo != null) {
      writeTable(out, movedTo);
    }
    writeTable(out, table);
    out.writeText(index);
    writeColumns(out, keys);
    writeColumns(out, columns);
    out.writeByte(formula == null ? 0 : 1);
    if (formula != null) {
      formula.write(out);
    }
  }

  private static void writeTable(ImageOutput out, TableName table) {
    out.writeText(table.schema() == null ? "" : table.schema());
    out.writeText(table.name());
  }

  private static TableName readTable(ImageInput in) throws IOException {
    String schema = in.readText();
    return new TableName(schema.isEmpty() ? null : schema, in.readText());
  }

  private void write(ImageOutput out) {
    writeLayout(out);
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
    return kind == Kind.INSERTED ? 0 : stored().size() - keys.size();
  }

  private int afters() {
    return switch (kind) {
      case UPDATED -> formula == null ? columns.size() : 0;
      case DELETED -> 0;
      case INSERTED -> 1;
    };
  }

  static void writeColumns(ImageOutput out, List<ImageColumn> columns) {
    out.writeInt(columns.size());
    for (ImageColumn column : columns) {
      out.writeText(column.name());
      out.writeByte(column.form().code());
      out.writeText(column.type());
      out.writeText(column.charset() == null ? "" : column.charset());
      out.writeText(column.collation() == null ? "" : column.collation());
    }
  }

  private static RowImage read(ImageInput in) throws IOException {
    int code = in.readByte();
    TableName movedTo = code == Kind.MOVED ? readTable(in) : null;
    Kind kind = Kind.of(code);
    TableName table = readTable(in);
    String index = in.readText();
    List<ImageColumn> keys = readColumns(in);
    List<ImageColumn> columns = readColumns(in);
    Formula formula = in.hasFormulas() && in.readByte() == 1 ? Formula.read(in) : null;
    var image =
        new RowImage(kind, table, index, keys, columns, new ArrayList<>(), formula, movedTo);
    int count = in.readInt();
    byte[][][] key = readValues(in, keys.size(), count);
    byte[][][] before = readValues(in, image.befores(), count);
    byte[][][] after = readValues(in, image.afters(), count);
    for (int i = 0; i < count; i++) {
      image.rows.add(new Row(key[i], before[i], after[i]));
    }
    return image;
  }

  static List<ImageColumn> readColumns(ImageInput in) throws IOException {
    int count = in.readInt();
    List<ImageColumn> columns = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = in.readText();
      int code = in.readByte();
      Form form = Form.of(code).orElseThrow(() -> ImageInput.unknown("encoding of values", code));
      String type = in.readText();
      String charset = in.readText();
      String collation = in.readText();
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

  private static byte[][][] readValues(ImageInput in, int columns, int rows) throws IOException {
    byte[][][] values = new byte[rows][columns][];
    for (int column = 0; column < columns; column++) {
      for (int row = 0; row < rows; row++) {
        values[row][column] = in.readValue();
      }
    }
    return values;
  }
}
