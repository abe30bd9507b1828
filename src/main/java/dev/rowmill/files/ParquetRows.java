package dev.rowmill.files;

import dev.rowmill.sql.run.ImageColumn;
import io.airlift.compress.snappy.SnappyCompressor;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.crypto.FileEncryptionProperties;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * Writes rows as Parquet. Buffers a row group. Uses the parts of Parquet's library that need no
 * class of Hadoop.
 */
final class ParquetRows implements RowWriter {

  /** Limits the buffered bytes, before compression. */
  private static final long GROUP_BYTES = ParquetMemory.group();

  /** Sets after how many rows the buffered bytes are counted. */
  private static final int CHECKED_ROWS = 500;

  /**
   * Creates the library's writer. Its other constructors name classes of Hadoop, so a compiler
   * can't choose among them.
   */
  private static final MethodHandle WRITER = constructor();

  private final List<ParquetColumn> columns;
  private final MessageType schema;
  private final ParquetProperties properties = ParquetProperties.builder().build();
  private final ParquetFileWriter file;
  private final MessageColumnIO layout;

  private ColumnChunkPageWriteStore pages;
  private ColumnWriteStore store;
  private RecordConsumer row;
  private long rows;
  private final Map<String, Long> lostValues = new LinkedHashMap<>();

  /** Counts the bytes of the values since the last row group. */
  private long pending;

  ParquetRows(OutputStream out, List<ImageColumn> columns) throws IOException {
    this.columns = columns.stream().map(ParquetColumn::of).toList();
    schema =
        new MessageType("row", this.columns.stream().map(ParquetColumn::type).toArray(Type[]::new));
    file = writer(new Output(out), schema, properties);
    layout = new ColumnIOFactory(true).getColumnIO(schema);
    file.start();
    pages = pages();
    store = properties.newColumnWriteStore(schema, pages);
    row = layout.getRecordWriter(store);
  }

  private static MethodHandle constructor() {
    try {
      return MethodHandles.lookup()
          .findConstructor(
              ParquetFileWriter.class,
              MethodType.methodType(
                  void.class,
                  OutputFile.class,
                  MessageType.class,
                  ParquetFileWriter.Mode.class,
                  long.class,
                  int.class,
                  FileEncryptionProperties.class,
                  ParquetProperties.class));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ParquetFileWriter writer(
      OutputFile out, MessageType schema, ParquetProperties properties) throws IOException {
    try {
      return (ParquetFileWriter)
          WRITER.invoke(
              out, schema, ParquetFileWriter.Mode.OVERWRITE, GROUP_BYTES, 0, null, properties);
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private ColumnChunkPageWriteStore pages() {
    return new ColumnChunkPageWriteStore(
        new Snappy(),
        schema,
        properties.getAllocator(),
        properties.getColumnIndexTruncateLength(),
        true);
  }

  @Override
  public void write(byte[][] values) throws IOException {
    long bytes = 0;
    for (byte[] value : values) {
      bytes += value == null ? 0 : value.length;
    }
    ParquetMemory.checkRow(bytes);
    pending += bytes;
    row.startMessage();
    for (int i = 0; i < values.length; i++) {
      byte[] value = values[i];
      Object converted = value == null ? null : columns.get(i).value().of(value);
      if (converted != null) {
        String name = columns.get(i).type().getName();
        row.startField(name, i);
        ParquetColumn.add(row, converted);
        row.endField(name, i);
      } else if (value != null) {
        lostValues.merge(columns.get(i).type().getName(), 1L, Long::sum);
      }
    }
    row.endMessage();
    rows++;
    boolean large =
        pending > GROUP_BYTES
            || (rows % CHECKED_ROWS == 0 && store.getBufferedSize() > GROUP_BYTES);
    if (large) {
      endGroup();
      pending = 0;
      pages = pages();
      store = properties.newColumnWriteStore(schema, pages);
      row = layout.getRecordWriter(store);
    }
  }

  private void endGroup() throws IOException {
    row.flush();
    if (rows > 0) {
      file.startBlock(rows);
      store.flush();
      pages.flushToFileWriter(file);
      file.endBlock();
    }
    store.close();
    pages.close();
    rows = 0;
  }

  @Override
  public void finish() throws IOException {
    endGroup();
    file.end(Map.of());
  }

  @Override
  public Map<String, Long> lostValues() {
    return lostValues;
  }

  /** Compresses with the library that Rowmill has, rather than a native one. */
  private static final class Snappy implements BytesInputCompressor {

    private final SnappyCompressor compressor = new SnappyCompressor();

    @Override
    public BytesInput compress(BytesInput bytes) throws IOException {
      byte[] input = bytes.toByteArray();
      byte[] output = new byte[compressor.maxCompressedLength(input.length)];
      int length = compressor.compress(input, 0, input.length, output, 0, output.length);
      return BytesInput.from(output, 0, length);
    }

    @Override
    public CompressionCodecName getCodecName() {
      return CompressionCodecName.SNAPPY;
    }

    @Override
    public void release() {}
  }

  /** Writes to a stream from its start, and counts the bytes. */
  private static final class Output implements OutputFile {

    private final OutputStream out;

    Output(OutputStream out) {
      this.out = out;
    }

    @Override
    public PositionOutputStream create(long blockSizeHint) {
      return new PositionOutputStream() {
        private long position;

        @Override
        public long getPos() {
          return position;
        }

        @Override
        public void write(int b) throws IOException {
          out.write(b);
          position++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
          out.write(bytes, offset, length);
          position += length;
        }
      };
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSizeHint) {
      return create(blockSizeHint);
    }

    @Override
    public boolean supportsBlockSize() {
      return false;
    }

    @Override
    public long defaultBlockSize() {
      return 0;
    }
  }
}
