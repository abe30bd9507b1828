package dev.rowmill.files;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReaderImpl;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Util;
import org.apache.parquet.format.converter.ParquetMetadataConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type.Repetition;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of a Parquet file, whose columns must not be nested. Holds one page and the
 * dictionary of each column, and checks all sizes that the file declares before it allocates them.
 * For one thread.
 */
public final class ParquetReader implements Closeable {

  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
  private static final int TAIL = Integer.BYTES + MAGIC.length;
  private static final int LONGEST_FOOTER = 32 << 20;

  private static final ParquetMetadataConverter CONVERTER = new ParquetMetadataConverter();

  /** Limits the columns; a table of MariaDB has at most 4096, and one of MySQL fewer. */
  private static final int MOST_COLUMNS = 4096;

  /**
   * Describes a column.
   *
   * @param type its type in Parquet
   * @param bytes whether its values are bytes; else they are text in UTF-8 as CSV has it
   */
  public record Column(String name, String type, boolean bytes) {}

  private final FileChannel file;
  private final List<RowGroup> groups;
  private final List<PrimitiveType> types = new ArrayList<>();
  private final List<ParquetText.Value> values = new ArrayList<>();
  private final List<ColumnReader> readers = new ArrayList<>();
  private final ParquetMemory memory = new ParquetMemory();
  private int group;
  private long left;
  private long row;

  private ParquetReader(FileChannel file) throws IOException {
    this.file = file;
    FileMetaData footer = footer(file);
    groups = footer.getRow_groups();
    for (org.apache.parquet.schema.Type column : schema(footer).getFields()) {
      PrimitiveType type = column.asPrimitiveType();
      types.add(type);
      try {
        values.add(ParquetText.of(type));
      } catch (UnreadableFileException e) {
        throw ofColumn(type.getName(), e);
      }
    }
  }

  /** Opens a file, as {@link #open(FileChannel)} does. */
  public static ParquetReader open(Path path) throws IOException {
    return open(FileChannel.open(path, StandardOpenOption.READ));
  }

  /**
   * Opens a file, and closes it if that fails.
   *
   * @throws UnreadableFileException if it is no Parquet file, is cut off or damaged, or has a
   *     column whose type is not supported
   */
  static ParquetReader open(FileChannel file) throws IOException {
    boolean opened = false;
    try {
      ParquetReader reader = new ParquetReader(file);
      opened = true;
      return reader;
    } catch (RuntimeException e) {
      throw damaged(e);
    } finally {
      if (!opened) {
        file.close();
      }
    }
  }

  private static UnreadableFileException damaged(Throwable cause) {
    return new UnreadableFileException("the Parquet file is damaged", cause);
  }

  private static FileMetaData footer(FileChannel file) throws IOException {
    long size = file.size();
    if (size < MAGIC.length + TAIL || !read(file, 0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))) {
      throw new UnreadableFileException("the file is no Parquet file");
    }
    ByteBuffer tail = read(file, size - TAIL, TAIL);
    int length = tail.getInt();
    if (!tail.equals(ByteBuffer.wrap(MAGIC))) {
      throw new UnreadableFileException(
          "the Parquet file is cut off: its last four bytes are not PAR1");
    }
    if (length <= 0 || length > size - MAGIC.length - TAIL) {
      throw new UnreadableFileException("the Parquet file is damaged: its footer is not inside it");
    }
    if (length > LONGEST_FOOTER) {
      throw new UnreadableFileException(
          "the footer of the Parquet file has more than %d MB; write larger row groups"
              .formatted(LONGEST_FOOTER >> 20));
    }
    ByteBuffer bytes = read(file, size - TAIL - length, length);
    try {
      return ThriftStruct.read(bytes, ThriftStruct.length(bytes), Util::readFileMetaData);
    } catch (BufferUnderflowException e) {
      throw damaged(e);
    }
  }

  private static ByteBuffer read(FileChannel file, long from, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (file.read(bytes, from + bytes.position()) < 0) {
        throw new UnreadableFileException("the Parquet file is cut off");
      }
    }
    return bytes.flip();
  }

  /** Returns the columns, none of which has others within it. */
  private static MessageType schema(FileMetaData footer) throws IOException {
    List<SchemaElement> elements = footer.getSchema();
    for (SchemaElement element : elements.subList(1, elements.size())) {
      if (element.getNum_children() > 0 || !element.isSetType()) {
        throw new UnreadableFileException(
            "column " + element.getName() + ": a group of columns is not supported");
      } else if (element.getRepetition_type() == FieldRepetitionType.REPEATED) {
        throw new UnreadableFileException(
            "column " + element.getName() + ": a repeated type is not supported");
      }
    }
    if (elements.get(0).getNum_children() != elements.size() - 1) {
      throw damaged(new IllegalStateException("the schema has other columns than it says"));
    } else if (elements.size() - 1 > MOST_COLUMNS) {
      throw new UnreadableFileException("the file has more than " + MOST_COLUMNS + " columns");
    }
    // The rest of the footer is read without the converter.
    FileMetaData alone =
        new FileMetaData(footer.getVersion(), elements, footer.getNum_rows(), List.of());
    return CONVERTER.fromParquetMetadata(alone).getFileMetaData().getSchema();
  }

  public List<Column> columns() {
    return types.stream()
        .map(type -> new Column(type.getName(), type.toString(), ParquetText.isBytes(type)))
        .toList();
  }

  /** Returns the number of the last row that was read, or was to be read, from 1. */
  public long row() {
    return row;
  }

  /**
   * Returns the values of the next row by column, with null for NULL; null at the end.
   *
   * @throws UnreadableFileException if no later row can be read
   */
  public byte @Nullable [] @Nullable [] next() throws IOException {
    while (left == 0) {
      if (group == groups.size()) {
        return null;
      }
      open(groups.get(group++));
    }
    left--;
    row++;
    byte[][] found = new byte[types.size()][];
    for (int i = 0; i < found.length; i++) {
      int column = i;
      inColumn(column, () -> found[column] = value(column));
    }
    return found;
  }

  private interface Step {
    void run() throws IOException;
  }

  /** Runs a step, and names the column in its errors. */
  private void inColumn(int column, Step step) throws IOException {
    String name = types.get(column).getName();
    try {
      step.run();
    } catch (UnreadableFileException e) {
      throw ofColumn(name, e);
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof UnreadableFileException unreadable) {
        throw ofColumn(name, unreadable);
      }
      throw e.getCause();
    } catch (RuntimeException e) {
      throw ofColumn(name, new UnreadableFileException("is damaged", e));
    }
  }

  private static UnreadableFileException ofColumn(String name, UnreadableFileException e) {
    return new UnreadableFileException("column " + name + ": " + e.getMessage(), e);
  }

  private byte @Nullable [] value(int column) throws UnreadableFileException {
    ColumnReader reader = readers.get(column);
    boolean isNull =
        reader.getCurrentDefinitionLevel() < reader.getDescriptor().getMaxDefinitionLevel();
    byte[] value = isNull ? null : values.get(column).of(reader);
    reader.consume();
    return value;
  }

  private void open(RowGroup rows) throws IOException {
    readers.clear();
    memory.clear();
    left = rows.getNum_rows();
    if (left < 0 || rows.getColumnsSize() != types.size()) {
      throw damaged(new IllegalStateException("a row group has other columns than the file"));
    }
    for (int i = 0; left > 0 && i < types.size(); i++) {
      PrimitiveType type = types.get(i);
      ColumnChunk chunk = rows.getColumns().get(i);
      inColumn(i, () -> readers.add(reader(chunk, type)));
    }
  }

  private ColumnReader reader(ColumnChunk chunk, PrimitiveType type) throws IOException {
    if (!chunk.isSetMeta_data() || chunk.isSetFile_path()) {
      throw new UnreadableFileException("is encrypted, or in another file");
    } else if (CONVERTER.getPrimitive(chunk.getMeta_data().getType())
        != type.getPrimitiveTypeName()) {
      throw new UnreadableFileException("is damaged");
    }
    return new ColumnReaderImpl(
        new ColumnDescriptor(
            new String[] {type.getName()}, type, 0, type.isRepetition(Repetition.OPTIONAL) ? 1 : 0),
        new ParquetPages(file, chunk.getMeta_data(), type, left, memory),
        new PrimitiveConverter() {},
        null);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
