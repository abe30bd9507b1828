package dev.rowmill.batch;

import dev.rowmill.task.Image;
import org.jspecify.annotations.Nullable;

/**
 * Represents the undo data of a batch.
 *
 * @param rows rows that can be restored
 * @param bytes size in the database
 */
public record UndoUsage(long rows, long bytes) {

  /** Represents no undo data. */
  public static final UndoUsage NONE = new UndoUsage(0, 0);

  /** Returns the undo data of one image; null for none. */
  public static UndoUsage of(@Nullable Image image) {
    return image == null ? NONE : new UndoUsage(image.rows(), image.bytes().length);
  }

  public UndoUsage plus(UndoUsage more) {
    return plus(more.rows, more.bytes);
  }

  UndoUsage plus(long moreRows, long moreBytes) {
    return new UndoUsage(rows + moreRows, bytes + moreBytes);
  }
}
