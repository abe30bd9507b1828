package dev.rowmill.dispatch.pool;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Represents the state of the pool at one moment.
 *
 * @param size maximum number of threads
 * @param active threads that work on a batch
 * @param queued accepted batches without a thread, including those in the serial queue
 * @param threads working threads, the longest-running first
 */
public record PoolView(
    int size, int active, int queued, int queueCapacity, List<Working> threads, Serial serial) {

  /**
   * Represents one thread and its batch; batch and project are null for a caller who may not see
   * the project.
   *
   * @param stuckSince when it began a chunk that takes far too long; else null
   */
  public record Working(
      @Nullable Long batch,
      @Nullable String project,
      Instant since,
      @Nullable Instant stuckSince) {}

  /**
   * Represents the serial queue.
   *
   * @param holder the batch whose turn it is
   * @param waiting the batches behind it, the next one first
   */
  public record Serial(@Nullable Long holder, List<Long> waiting) {

    /** Returns the ids of all batches in the queue. */
    public Set<Long> ids() {
      Set<Long> ids = new HashSet<>(waiting);
      if (holder != null) {
        ids.add(holder);
      }
      return ids;
    }
  }

  /**
   * Returns the pool as a caller may see it: numbers are unchanged, and batches of other projects
   * have neither id nor project.
   */
  public PoolView hiding(Predicate<String> seesProject, Predicate<Long> seesBatch) {
    return new PoolView(
        size,
        active,
        queued,
        queueCapacity,
        threads.stream()
            .map(
                thread ->
                    thread.project != null && seesProject.test(thread.project)
                        ? thread
                        : new Working(null, null, thread.since, thread.stuckSince))
            .toList(),
        new Serial(
            serial.holder != null && seesBatch.test(serial.holder) ? serial.holder : null,
            serial.waiting.stream().filter(seesBatch).toList()));
  }
}
