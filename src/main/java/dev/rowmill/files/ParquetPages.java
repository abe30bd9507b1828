package dev.rowmill.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type.Repetition;
import org.jspecify.annotations.Nullable;

/**
 * Reads the pages of a column in a row group, one at a time. Checks all sizes that a page declares.
 * For one thread.
 */
final class ParquetPages implements PageReader {

  private static final int COMMON_HEADER = 1 << 13;
  private static final int LONGEST_HEADER = 1 << 24;

  /** Estimates the memory of a value of a dictionary. */
  private static final int DICTIONARY_VALUE = 64;

  private final FileChannel file;
  private final PrimitiveType type;
  private final ParquetMemory memory;
  private final ParquetCodec codec;
  private final long values;
  private final long end;
  private long position;

  /** Holds the memory that the current page takes. */
  private long taken;

  private @Nullable PageHeader first;
  private @Nullable DictionaryPage dictionary;

  /**
   * @param rows number of rows of the group
   */
  ParquetPages(
      FileChannel file, ColumnMetaData column, PrimitiveType type, long rows, ParquetMemory memory)
      throws IOException {
    this.file = file;
    this.type = type;
    this.memory = memory;
    codec = ParquetCodec.of(column.getCodec());
    values = column.getNum_values();
    long data = column.getData_page_offset();
    long before = column.isSetDictionary_page_offset() ? column.getDictionary_page_offset() : 0;
    position = before > 0 && before < data ? before : data;
    end = position + column.getTotal_compressed_size();
    if (values != rows || position < 0 || end < position || end > file.size()) {
      throw new UnreadableFileException("is damaged, or cut off");
    }
    PageHeader header = header();
    if (header.getType() == PageType.DICTIONARY_PAGE) {
      dictionary = dictionary(header);
    } else {
      first = header;
    }
  }

  @Override
  public @Nullable DictionaryPage readDictionaryPage() {
    DictionaryPage known = dictionary;
    dictionary = null;
    return known;
  }

  @Override
  public long getTotalValueCount() {
    return values;
  }

  @Override
  public DataPage readPage() {
    memory.give(taken);
    taken = 0;
    try {
      while (true) {
        PageHeader header = first == null ? header() : first;
        first = null;
        DataPage page = page(header);
        if (page != null) {
          return page;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private PageHeader header() throws IOException {
    for (int most = COMMON_HEADER; ; most = LONGEST_HEADER) {
      ByteBuffer bytes = read(Math.min(most, end - position), position);
      try {
        int length = ThriftStruct.length(bytes);
        PageHeader header = ThriftStruct.read(bytes, length, Util::readPageHeader);
        position += length;
        int compressed = header.getCompressed_page_size();
        int uncompressed = header.getUncompressed_page_size();
        if (compressed < 0 || uncompressed < 0 || compressed > end - position) {
          throw EncodedSizes.damaged();
        }
        return header;
      } catch (BufferUnderflowException e) {
        if (most == LONGEST_HEADER || bytes.limit() < most) {
          throw EncodedSizes.damaged();
        }
      }
    }
  }

  private ByteBuffer read(long count, long from) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) count);
    while (bytes.hasRemaining()) {
      if (file.read(bytes, from + bytes.position()) < 0) {
        throw new UnreadableFileException("is cut off");
      }
    }
    return bytes.flip();
  }

  private DictionaryPage dictionary(PageHeader header) throws IOException {
    if (!header.isSetDictionary_page_header()) {
      throw EncodedSizes.damaged();
    }
    int count = header.getDictionary_page_header().getNum_values();
    if (count < 0 || count > header.getUncompressed_page_size()) {
      throw EncodedSizes.damaged();
    }
    memory.take((long) count * DICTIONARY_VALUE + header.getUncompressed_page_size());
    memory.take(header.getCompressed_page_size());
    byte[] compressed = body(header);
    byte[] plain =
        decompressed(compressed, 0, compressed.length, header.getUncompressed_page_size());
    EncodedSizes.checkDictionary(ByteBuffer.wrap(plain), type, count);
    memory.give(header.getCompressed_page_size());
    return new DictionaryPage(BytesInput.from(plain), count, Encoding.PLAIN);
  }

  private byte[] body(PageHeader header) throws IOException {
    byte[] body = read(header.getCompressed_page_size(), position).array();
    position += body.length;
    return body;
  }

  private byte[] decompressed(byte[] from, int offset, int length, int size) throws IOException {
    byte[] into = new byte[size];
    try {
      if (codec.decompress(from, offset, length, into) == size) {
        return into;
      }
    } catch (IOException | RuntimeException e) {
      throw new UnreadableFileException("has a page that can't be decompressed", e);
    }
    throw EncodedSizes.damaged();
  }

  /** Returns a page; null if it has no values. */
  private @Nullable DataPage page(PageHeader header) throws IOException {
    boolean v1 = header.getType() == PageType.DATA_PAGE && header.isSetData_page_header();
    boolean v2 = header.getType() == PageType.DATA_PAGE_V2 && header.isSetData_page_header_v2();
    if (!v1 && !v2) {
      if (header.getType() != PageType.INDEX_PAGE) {
        throw EncodedSizes.damaged();
      }
      position += header.getCompressed_page_size();
      return null;
    }
    take((long) header.getCompressed_page_size() + header.getUncompressed_page_size());
    byte[] body = body(header);
    return v1
        ? version1(header.getData_page_header(), body, header.getUncompressed_page_size())
        : version2(header.getData_page_header_v2(), body, header.getUncompressed_page_size());
  }

  /** Takes bytes until the next page is read. */
  private void take(long bytes) throws UnreadableFileException {
    taken += bytes;
    memory.take(bytes);
  }

  private boolean isOptional() {
    return type.isRepetition(Repetition.OPTIONAL);
  }

  private @Nullable DataPage version1(DataPageHeader header, byte[] body, int size)
      throws IOException {
    int count = header.getNum_values();
    Encoding encoding = encoding(header.getEncoding());
    ByteBuffer page =
        ByteBuffer.wrap(decompressed(body, 0, body.length, size)).order(ByteOrder.LITTLE_ENDIAN);
    if (count == 0) {
      return null;
    } else if (count < 0) {
      throw EncodedSizes.damaged();
    }
    if (isOptional()) {
      int length = page.remaining() < Integer.BYTES ? -1 : page.getInt();
      if (length < 0
          || length > page.remaining()
          || header.getDefinition_level_encoding() != org.apache.parquet.format.Encoding.RLE) {
        throw EncodedSizes.damaged();
      }
      take(EncodedSizes.checkLevels(page.slice(page.position(), length), count));
      page.position(page.position() + length);
    }
    take(EncodedSizes.checkValues(page, encoding, type.getPrimitiveTypeName(), count));
    return new DataPageV1(
        BytesInput.from(page.array()),
        count,
        size,
        noStatistics(),
        Encoding.RLE,
        Encoding.RLE,
        encoding);
  }

  private @Nullable DataPage version2(DataPageHeaderV2 header, byte[] body, int size)
      throws IOException {
    int count = header.getNum_values();
    int repetition = header.getRepetition_levels_byte_length();
    int definition = header.getDefinition_levels_byte_length();
    if (count < 0
        || repetition != 0
        || definition < 0
        || definition > Math.min(body.length, size)) {
      throw EncodedSizes.damaged();
    }
    if (count == 0) {
      return null;
    }
    if (isOptional()) {
      take(EncodedSizes.checkLevels(ByteBuffer.wrap(body, 0, definition), count));
    }
    byte[] values;
    if (header.isSetIs_compressed() && !header.isIs_compressed()) {
      values = Arrays.copyOfRange(body, definition, body.length);
    } else {
      values =
          size == definition
              ? new byte[0]
              : decompressed(body, definition, body.length - definition, size - definition);
    }
    Encoding encoding = encoding(header.getEncoding());
    take(
        EncodedSizes.checkValues(
            ByteBuffer.wrap(values), encoding, type.getPrimitiveTypeName(), count));
    return DataPageV2.uncompressed(
        count,
        header.getNum_nulls(),
        count,
        BytesInput.empty(),
        BytesInput.from(body, 0, definition),
        encoding,
        BytesInput.from(values),
        noStatistics());
  }

  private Statistics<?> noStatistics() {
    return Statistics.getBuilderForReading(type).build();
  }

  private static Encoding encoding(org.apache.parquet.format.@Nullable Encoding encoding)
      throws UnreadableFileException {
    if (encoding == null) {
      throw EncodedSizes.damaged();
    }
    return Encoding.valueOf(encoding.name());
  }
}
