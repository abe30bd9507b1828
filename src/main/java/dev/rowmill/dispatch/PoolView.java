package dev.rowmill.dispatch;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The pool at one moment.
 *
 * @param size threads there may be
 * @param active threads that work on a batch
 * @param queued batches accepted that have no thread yet, serial ones in line among them
 * @param threads what runs, longest first
 */
public record PoolView(
    int size, int active, int queued, int queueCapacity, List<Working> threads, Serial serial) {

  /**
   * One thread and its batch.
   *
   * @param stuckSince since when it has been at a chunk that takes far too long; else null
   */
  public record Working(long batch, String project, Instant since, @Nullable Instant stuckSince) {}

  /**
   * The line of serial mode.
   *
   * @param holder the batch whose turn it is
   * @param waiting those behind it, the next one first
   */
  public record Serial(@Nullable Long holder, List<Long> waiting) {}
}
