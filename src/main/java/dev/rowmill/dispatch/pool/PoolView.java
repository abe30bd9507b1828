package dev.rowmill.dispatch.pool;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
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
   * One thread and its batch; both null for one who does not see the batch's project.
   *
   * @param stuckSince since when it has been at a chunk that takes far too long; else null
   */
  public record Working(
      @Nullable Long batch,
      @Nullable String project,
      Instant since,
      @Nullable Instant stuckSince) {}

  /**
   * The line of serial mode.
   *
   * @param holder the batch whose turn it is
   * @param waiting those behind it, the next one first
   */
  public record Serial(@Nullable Long holder, List<Long> waiting) {

    /** Of all batches in it. */
    public Set<Long> ids() {
      Set<Long> ids = new HashSet<>(waiting);
      if (holder != null) {
        ids.add(holder);
      }
      return ids;
    }
  }

  /**
   * The pool for one who does not see everything: the numbers stay as they are, and what is not
   * seen has no name.
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
