package dev.rowmill.engine;

/**
 * Rows of the next chunk: as asked for, halved by trouble, doubled again by success. For one
 * thread.
 */
final class ChunkSize {

  private final int full;
  private int rows;

  ChunkSize(int full) {
    this.full = full;
    this.rows = full;
  }

  int rows() {
    return rows;
  }

  /** Halves, from what was really tried. */
  void halve(long tried) {
    rows = (int) Math.max(1, Math.min(rows, tried) / 2);
  }

  void grow() {
    rows = (int) Math.min(full, rows * 2L);
  }
}
