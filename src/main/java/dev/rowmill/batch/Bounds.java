package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/**
 * Holds the bounds of a batch; null for no bound. Immutable.
 *
 * @param maxRows maximum number of rows that it may plan to change, and change
 * @param maxDurationMillis maximum duration of all its runs together
 * @param window times at which it may run
 */
public record Bounds(
    @Nullable Long maxRows, @Nullable Long maxDurationMillis, @Nullable Window window) {

  /** Sets no bound. */
  public static final Bounds NONE = new Bounds(null, null, null);

  /** Returns these bounds, completed by others where this has none. */
  public Bounds or(Bounds others) {
    return new Bounds(
        maxRows == null ? others.maxRows : maxRows,
        maxDurationMillis == null ? others.maxDurationMillis : maxDurationMillis,
        window == null ? others.window : window);
  }

  /** Returns these bounds, narrowed where others are narrower; their window is preferred. */
  public Bounds within(Bounds others) {
    return new Bounds(
        least(maxRows, others.maxRows),
        least(maxDurationMillis, others.maxDurationMillis),
        others.window == null ? window : others.window);
  }

  private static @Nullable Long least(@Nullable Long one, @Nullable Long other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return Math.min(one, other);
  }
}
