package dev.rowmill.dispatch.pool;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A node at one moment.
 *
 * @param id of its process; its name may be that of others, too
 * @param since when it began to take part
 * @param lastSeen when it last gave a sign of life
 * @param alive whether that is not too long ago
 * @param poolSize threads that it may have
 * @param running the batches that it runs, longest first
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
   * A batch that a node runs; both null for one who does not see the batch's project.
   *
   * @param since when its first thread began
   */
  public record Running(@Nullable Long batch, @Nullable String project, Instant since) {

    /**
     * What threads run, each batch once.
     *
     * @param threads longest first
     */
    public static List<Running> of(List<PoolView.Working> threads) {
      Set<Long> seen = new HashSet<>();
      return threads.stream()
          .filter(thread -> thread.batch() != null && seen.add(thread.batch()))
          .map(thread -> new Running(thread.batch(), thread.project(), thread.since()))
          .toList();
    }
  }

  /** The node for one who does not see everything: what is not seen has no name. */
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
