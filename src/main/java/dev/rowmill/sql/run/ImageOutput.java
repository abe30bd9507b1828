package dev.rowmill.sql.run;

import io.airlift.compress.lz4.Lz4Compressor;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Collects the bytes of images and compresses them. Filling a stream of the JDK takes longer than
 * the compression itself. For one thread.
 */
final class ImageOutput {

  /** Identifies the format. The images of version 1 are a stream of Deflater. Never changes. */
  static final int VERSION = 2;

  /** Identifies LZ4 blocks. Never changes. */
  static final int LZ4 = 1;

  /** Counts the bytes before the compressed ones: version, compression and plain length. */
  static final int HEADER = 6;

  /** Limits the size of an array, in any JVM. */
  private static final long LARGEST = Integer.MAX_VALUE - 8L;

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
    if (value == null) {
      writeByte(0);
    } else {
      writeValue(value, 0, value.length);
    }
  }

  /** Writes a value that is a part of other bytes. */
  void writeValue(byte[] some, int from, int length) {
    int left = length + 1;
    while (left > 0x7f) {
      writeByte(left | 0x80);
      left >>>= 7;
    }
    writeByte(left);
    need(length);
    System.arraycopy(some, from, bytes, size, length);
    size += length;
  }

  /** Returns the stored form of all that was written. */
  byte[] compressed() {
    var compressor = new Lz4Compressor();
    var header = new ImageOutput();
    header.writeByte(VERSION);
    header.writeByte(LZ4);
    header.writeInt(size);
    byte[] stored = new byte[HEADER + compressor.maxCompressedLength(size)];
    System.arraycopy(header.bytes, 0, stored, 0, HEADER);
    int length = compressor.compress(bytes, 0, size, stored, HEADER, stored.length - HEADER);
    return Arrays.copyOf(stored, HEADER + length);
  }
}
