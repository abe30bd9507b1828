package dev.rowmill.task;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Divides a chunk that has failed because of a row.
 *
 * @param parts smaller chunks, in their order, which cover the whole range; the chunk itself where
 *     it can't be divided; none when it no longer has rows
 * @param row the only row of the chunk; null while it has several
 */
public record Division(List<Chunk> parts, @Nullable RowKey row) {
  public Division {
    parts = List.copyOf(parts);
  }

  /** Returns the result for a chunk that has one row. */
  public static Division ofOne(Chunk chunk, RowKey row) {
    return new Division(List.of(chunk), row);
  }
}
