package dev.rowmill.files;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/**
 * Checks the sizes that encoded values declare. Parquet's library allocates what they declare
 * before it finds that a page is shorter. Not thread-safe.
 */
final class EncodedSizes {

  /** Limits the values that are decoded at once. */
  private static final int MOST_VALUES = 8 << 20;

  /** Limits the values with which the last packed run goes beyond those of the page. */
  private static final int LONGEST_REST = 511;

  private static final int LARGEST_BLOCK = 1 << 16;
  private static final int WIDEST = 32;

  private final ByteBuffer bytes;

  private EncodedSizes(ByteBuffer bytes) {
    this.bytes = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Checks the levels that tell which values are NULL.
   *
   * @param levels levels without their length
   * @param count number of values of the page
   * @return bytes that decoding takes
   */
  static long checkLevels(ByteBuffer levels, int count) throws UnreadableFileException {
    try {
      return new EncodedSizes(levels).runs(1, count);
    } catch (BufferUnderflowException e) {
      throw damaged();
    }
  }

  /**
   * Checks values.
   *
   * @param values values behind the levels
   * @param count number of values of the page
   * @return bytes that decoding takes
   */
  static long checkValues(ByteBuffer values, Encoding encoding, PrimitiveTypeName type, int count)
      throws UnreadableFileException {
    if (!values.hasRemaining()) {
      return 0;
    }
    try {
      return new EncodedSizes(values).values(encoding, type, count);
    } catch (BufferUnderflowException e) {
      throw damaged();
    }
  }

  /**
   * Checks that a dictionary has as many values as it declares.
   *
   * @param values plain values
   */
  static void checkDictionary(ByteBuffer values, PrimitiveType type, int count)
      throws UnreadableFileException {
    var sizes = new EncodedSizes(values);
    try {
      for (int i = 0; i < count; i++) {
        sizes.skip(
            switch (type.getPrimitiveTypeName()) {
              case BINARY -> sizes.bytes.getInt();
              case FIXED_LEN_BYTE_ARRAY -> type.getTypeLength();
              case INT64, DOUBLE -> Long.BYTES;
              default -> Integer.BYTES;
            });
      }
    } catch (BufferUnderflowException e) {
      throw damaged();
    }
  }

  private long values(Encoding encoding, PrimitiveTypeName type, int count)
      throws UnreadableFileException {
    switch (encoding) {
      case PLAIN, BYTE_STREAM_SPLIT -> {
        return 0;
      }
      case PLAIN_DICTIONARY, RLE_DICTIONARY -> {
        return runs(bytes.get(), count);
      }
      case RLE -> {
        int length = bytes.getInt();
        if (type != PrimitiveTypeName.BOOLEAN || length < 0 || length > bytes.remaining()) {
          throw damaged();
        }
        return runs(1, count);
      }
      case DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY -> {
        long block = varint();
        long blocks = varint();
        long total = varint();
        if (block > LARGEST_BLOCK || blocks < 1 || blocks > block || total > count) {
          throw damaged();
        }
        if (total > MOST_VALUES) {
          throw tooMany();
        }
        return total * Long.BYTES;
      }
      default -> throw new UnreadableFileException("has the encoding " + encoding);
    }
  }

  /** Walks runs of repeated and of packed values, and returns the bytes of the largest one. */
  private long runs(int width, int count) throws UnreadableFileException {
    long largest = 0;
    if (width < 0 || width > WIDEST) {
      throw damaged();
    }
    while (bytes.hasRemaining()) {
      long header = varint();
      if ((header & 1) == 0) {
        skip((width + Byte.SIZE - 1) / Byte.SIZE);
        continue;
      }
      long groups = header >>> 1;
      if (groups * Byte.SIZE > (long) count + LONGEST_REST) {
        throw damaged();
      }
      if (groups * Byte.SIZE > MOST_VALUES) {
        throw tooMany();
      }
      largest = Math.max(largest, groups * Byte.SIZE * Integer.BYTES);
      // The last run may lack the bytes of values that the page does not have.
      skip((int) Math.min(groups * width, bytes.remaining()));
    }
    return largest;
  }

  private void skip(int count) {
    if (count < 0 || count > bytes.remaining()) {
      throw new BufferUnderflowException();
    }
    bytes.position(bytes.position() + count);
  }

  private long varint() throws UnreadableFileException {
    long number = 0;
    for (int shift = 0; shift < Integer.SIZE; shift += 7) {
      byte part = bytes.get();
      number |= (part & 0x7FL) << shift;
      if (part >= 0) {
        return number;
      }
    }
    throw damaged();
  }

  private static UnreadableFileException tooMany() {
    return new UnreadableFileException("has a page with too many values; write smaller pages");
  }

  static UnreadableFileException damaged() {
    return new UnreadableFileException("has a damaged page");
  }
}
