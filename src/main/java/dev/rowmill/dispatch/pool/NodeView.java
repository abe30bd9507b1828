package dev.rowmill.dispatch.pool;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the state of a node at one moment. */
public record NodeView(
    @Schema(description = "Id of the process, generated at its start", examples = "9c1f03aa")
        String id,
    @Schema(
            description = "Name shown in batches; other processes may have the same one",
            examples = "host-1")
        String name,
    @Schema(description = "Time at which the node joined") Instant since,
    @Schema(description = "Time of its last sign of life") Instant lastSeen,
    @Schema(description = "Whether the last sign of life is recent enough") boolean alive,
    @Schema(description = "Version of its build", examples = "0.1.0") String version,
    @Schema(description = "Maximum number of its threads") int poolSize,
    @Schema(description = "Batches that it runs, longest-running first") List<Running> running) {

  /** Represents a batch that a node runs. */
  public record Running(
      @Schema(description = "Id of the batch; null when the caller does not see it")
          @Nullable Long batch,
      @Schema(description = "Project of the batch; null when the caller does not see it")
          @Nullable String project,
      @Schema(description = "Time at which its first thread on the node began") Instant since) {

    /**
     * Groups threads by batch, so each batch appears once.
     *
     * @param threads the longest-running first
     */
    public static List<Running> of(List<PoolView.Working> threads) {
      Set<Long> seen = new HashSet<>();
      return threads.stream()
          .filter(thread -> thread.batch() != null && seen.add(thread.batch()))
          .map(thread -> new Running(thread.batch(), thread.project(), thread.since()))
          .toList();
    }
  }

  /**
   * Returns the node as a caller may see it: batches of other projects have neither id nor project.
   */
  public NodeView hiding(Predicate<String> seesProject) {
    return new NodeView(
        id,
        name,
        since,
        lastSeen,
        alive,
        version,
        poolSize,
        running.stream()
            .map(
                it ->
                    it.project != null && seesProject.test(it.project)
                        ? it
                        : new Running(null, null, it.since))
            .toList());
  }
}
