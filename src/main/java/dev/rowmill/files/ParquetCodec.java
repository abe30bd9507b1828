package dev.rowmill.files;

import io.airlift.compress.Decompressor;
import io.airlift.compress.lz4.Lz4Decompressor;
import io.airlift.compress.snappy.SnappyDecompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.format.CompressionCodec;

/** Decompresses pages. For one thread at a time. */
@FunctionalInterface
interface ParquetCodec {

  /**
   * Decompresses a part of an array into a whole one.
   *
   * @return number of bytes
   * @throws IOException or a RuntimeException if the bytes are damaged, or too many
   */
  int decompress(byte[] from, int offset, int length, byte[] into) throws IOException;

  /**
   * Returns the decompressor of a codec.
   *
   * @throws UnreadableFileException if there is none
   */
  static ParquetCodec of(CompressionCodec codec) throws UnreadableFileException {
    return switch (codec) {
      case SNAPPY -> of(new SnappyDecompressor());
      case ZSTD -> of(new ZstdDecompressor());
      case LZ4_RAW -> of(new Lz4Decompressor());
      case GZIP -> ParquetCodec::gzip;
      case UNCOMPRESSED ->
          (from, offset, length, into) -> {
            System.arraycopy(from, offset, into, 0, length);
            return length;
          };
      default ->
          throw new UnreadableFileException(
              "it is compressed with "
                  + codec
                  + "; use SNAPPY, ZSTD, LZ4_RAW, GZIP or no compression");
    };
  }

  private static ParquetCodec of(Decompressor decompressor) {
    return (from, offset, length, into) ->
        decompressor.decompress(from, offset, length, into, 0, into.length);
  }

  private static int gzip(byte[] from, int offset, int length, byte[] into) throws IOException {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(from, offset, length))) {
      return in.readNBytes(into, 0, into.length);
    }
  }
}
