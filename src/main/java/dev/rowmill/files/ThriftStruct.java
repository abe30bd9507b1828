package dev.rowmill.files;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * Walks a struct in Thrift's compact protocol, in which Parquet has its footer and page headers. A
 * struct that was walked holds every value that it declares, so its size bounds the memory that
 * reading it takes.
 */
final class ThriftStruct {

  private static final int DEEPEST = 16;

  private static final int BOOLEAN_TRUE = 1;
  private static final int BOOLEAN_FALSE = 2;
  private static final int BYTE = 3;
  private static final int I64 = 6;
  private static final int DOUBLE = 7;
  private static final int BINARY = 8;
  private static final int LIST = 9;
  private static final int SET = 10;
  private static final int STRUCT = 12;

  private final ByteBuffer bytes;

  private ThriftStruct(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  /**
   * Returns the number of bytes of the struct at the position of a buffer; the position stays.
   *
   * @throws BufferUnderflowException if the struct goes beyond the buffer
   * @throws UnreadableFileException if the bytes are no struct
   */
  static int length(ByteBuffer bytes) throws UnreadableFileException {
    ByteBuffer walked = bytes.slice();
    new ThriftStruct(walked).struct(1);
    return walked.position();
  }

  /** Reads a struct that was walked. */
  @FunctionalInterface
  interface Reading<T> {
    T of(InputStream in) throws IOException;
  }

  /**
   * Reads the struct with which a buffer begins.
   *
   * @param length length that {@link #length} has returned
   */
  static <T> T read(ByteBuffer bytes, int length, Reading<T> reading)
      throws UnreadableFileException {
    try {
      return reading.of(new ByteArrayInputStream(bytes.array(), 0, length));
    } catch (IOException | RuntimeException e) {
      throw new UnreadableFileException("its metadata is damaged", e);
    }
  }

  private void struct(int depth) throws UnreadableFileException {
    checkDepth(depth);
    while (true) {
      int header = bytes.get() & 0xFF;
      if (header == 0) {
        return;
      }
      if (header >>> 4 == 0) {
        varint();
      }
      int type = header & 0xF;
      if (type != BOOLEAN_TRUE && type != BOOLEAN_FALSE) {
        value(type, depth);
      }
    }
  }

  private static void checkDepth(int depth) throws UnreadableFileException {
    if (depth > DEEPEST) {
      throw new UnreadableFileException("its metadata is nested too deeply");
    }
  }

  private void value(int type, int depth) throws UnreadableFileException {
    if (type <= BYTE) {
      skip(1);
    } else if (type <= I64) {
      varint();
    } else if (type == DOUBLE) {
      skip(Double.BYTES);
    } else if (type == BINARY) {
      skip(varint());
    } else if (type == LIST || type == SET) {
      list(depth);
    } else if (type == STRUCT) {
      struct(depth + 1);
    } else {
      // Parquet's metadata has no maps.
      throw new UnreadableFileException("its metadata is damaged");
    }
  }

  private void list(int depth) throws UnreadableFileException {
    checkDepth(depth);
    int header = bytes.get() & 0xFF;
    long size = header >>> 4 == 0xF ? varint() : header >>> 4;
    if (size < 0 || size > bytes.remaining()) {
      throw new BufferUnderflowException();
    }
    for (long i = 0; i < size; i++) {
      value(header & 0xF, depth + 1);
    }
  }

  private void skip(long count) {
    if (count < 0 || count > bytes.remaining()) {
      throw new BufferUnderflowException();
    }
    bytes.position(bytes.position() + (int) count);
  }

  private long varint() throws UnreadableFileException {
    long number = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte part = bytes.get();
      number |= (part & 0x7FL) << shift;
      if (part >= 0) {
        return number;
      }
    }
    throw new UnreadableFileException("its metadata is damaged");
  }
}
