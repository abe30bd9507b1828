package dev.rowmill.files;

/** Limits the memory of the pages of a file that are held at the same time. For one thread. */
final class ParquetMemory {

  /** Sets the part of the heap for reading: a file that was written with it can be read with it. */
  private static final int READING = 6;

  private static final int WRITING = 128;
  private static final int ROW = 16;

  /** Limits the buffered bytes of a row group: up to 16 lanes write at the same time. */
  private static final long LARGEST_GROUP = 16L << 20;

  private final long most = heap() / READING;
  private long taken;

  private static long heap() {
    return Runtime.getRuntime().maxMemory();
  }

  /** Returns how many bytes of values a row group may have, before compression. */
  static long group() {
    return Math.min(LARGEST_GROUP, heap() / WRITING);
  }

  /**
   * Checks that a row can be written, and read again with the same heap.
   *
   * @param bytes number of bytes of its values
   */
  static void checkRow(long bytes) throws LargeRowException {
    long most = heap() / ROW;
    if (bytes > most) {
      throw new LargeRowException(
          "a row has %d MB, but with this heap a row in Parquet can have %d MB; give the service a larger heap (-Xmx), or use the format csv or ndjson"
              .formatted(bytes >> 20, most >> 20));
    }
  }

  /**
   * Takes some bytes.
   *
   * @throws UnreadableFileException if they are too many
   */
  void take(long bytes) throws UnreadableFileException {
    taken += bytes;
    if (taken > most) {
      throw new UnreadableFileException(
          "needs pages of more than %d MB in memory; give the service a larger heap (-Xmx), or write smaller pages and dictionaries"
              .formatted(most >> 20));
    }
  }

  void give(long bytes) {
    taken -= bytes;
  }

  /** Gives everything back. */
  void clear() {
    taken = 0;
  }
}
