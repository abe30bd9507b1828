package dev.rowmill.sql.run;

import io.airlift.compress.MalformedInputException;
import io.airlift.compress.lz4.Lz4Decompressor;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/** Reads what {@link ImageOutput} has written, in this or an earlier version. For one thread. */
final class ImageInput implements AutoCloseable {

  /** Begins a stream of Deflater. */
  private static final int DEFLATED = 0x78;

  private final DataInputStream in;
  private final int version;

  private ImageInput(byte[] plain, int version) {
    in = new DataInputStream(new ByteArrayInputStream(plain));
    this.version = version;
  }

  /**
   * Opens stored images.
   *
   * @throws IllegalStateException if another version of Rowmill has written them
   */
  static ImageInput of(byte[] stored) throws IOException {
    var header = new ImageInput(stored, ImageOutput.VERSION);
    int version = header.readByte();
    if (version == DEFLATED) {
      var inflated = new InflaterInputStream(new ByteArrayInputStream(stored));
      var old = new ImageInput(inflated.readAllBytes(), 1);
      int written = old.readByte();
      if (written != 1) {
        throw unknown("format version", written);
      }
      return old;
    }
    if (version != ImageOutput.VERSION) {
      throw unknown("format version", version);
    }
    int compression = header.readByte();
    if (compression != ImageOutput.LZ4) {
      throw unknown("compression", compression);
    }
    byte[] plain = new byte[header.readInt()];
    try {
      new Lz4Decompressor()
          .decompress(
              stored,
              ImageOutput.HEADER,
              stored.length - ImageOutput.HEADER,
              plain,
              0,
              plain.length);
    } catch (MalformedInputException e) {
      throw new IOException("the compressed bytes are damaged", e);
    }
    return new ImageInput(plain, version);
  }

  static IllegalStateException unknown(String what, int code) {
    return new IllegalStateException(
        "The row image has the unknown %s %d: another version of Rowmill has written it"
            .formatted(what, code));
  }

  /** Returns whether images may have formulas. */
  boolean hasFormulas() {
    return version > 1;
  }

  int readByte() throws IOException {
    return in.readByte();
  }

  int readInt() throws IOException {
    return in.readInt();
  }

  String readText() throws IOException {
    byte[] text = readValue();
    return text == null ? "" : new String(text, StandardCharsets.UTF_8);
  }

  byte @Nullable [] readValue() throws IOException {
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

  @Override
  public void close() throws IOException {
    in.close();
  }
}
