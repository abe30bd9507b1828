package dev.rowmill.files;

/** Limits the memory of the pages of a file that are held at the same time. For one thread. */
final class ParquetMemory {

  private static final long MOST = 256L << 20;
  private static final int PART_OF_HEAP = 8;

  private final long most = Math.min(MOST, Runtime.getRuntime().maxMemory() / PART_OF_HEAP);
  private long taken;

  /**
   * Takes some bytes.
   *
   * @throws UnreadableFileException if they are too many
   */
  void take(long bytes) throws UnreadableFileException {
    taken += bytes;
    if (taken > most) {
      throw new UnreadableFileException(
          "needs pages of more than %d MB in memory; write smaller pages and dictionaries"
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
