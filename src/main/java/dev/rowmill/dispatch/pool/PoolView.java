package dev.rowmill.dispatch.pool;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the state of the pool at one moment. */
public record PoolView(
    @Schema(description = "Maximum number of threads") int size,
    @Schema(description = "Number of threads that run a batch") int active,
    @Schema(description = "Number of accepted batches without a thread") int queued,
    @Schema(
            description =
                "Number of batches that may be queued before a start is rejected with 503")
        int queueCapacity,
    @Schema(description = "Batches that threads run, longest-running first") List<Working> threads,
    Serial serial) {

  /** Represents one thread and its batch. */
  public record Working(
      @Schema(description = "Id of the batch; null when the caller does not see it")
          @Nullable Long batch,
      @Schema(description = "Project of the batch; null when the caller does not see it")
          @Nullable String project,
      @Schema(description = "Time at which this thread took the batch") Instant since,
      @Schema(
              description =
                  "Since when it has been processing a chunk that takes ten times as long as it"
                      + " should")
          @Nullable Instant stuckSince) {}

  /** Represents the serial queue. */
  public record Serial(
      @Schema(description = "Id of the serial batch whose turn it is") @Nullable Long holder,
      @Schema(description = "Ids of the serial batches that follow, next first")
          List<Long> waiting) {

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
