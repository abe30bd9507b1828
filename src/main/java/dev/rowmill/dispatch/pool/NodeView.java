package dev.rowmill.dispatch.pool;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Represents the state of a node at one moment.
 *
 * @param id id of its process; nodes may share a name
 * @param since when it joined
 * @param lastSeen time of its last heartbeat
 * @param alive whether that is recent enough
 * @param poolSize maximum number of its threads
 * @param running the batches that it runs, the longest-running first
 */
public record NodeView(
    String id,
    String name,
    Instant since,
    Instant lastSeen,
    boolean alive,
    String version,
    int poolSize,
    List<Running> running) {

  /**
   * Represents a batch that a node runs; batch and project are null for a caller who may not see
   * the project.
   *
   * @param since when its first thread began
   */
  public record Running(@Nullable Long batch, @Nullable String project, Instant since) {

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
