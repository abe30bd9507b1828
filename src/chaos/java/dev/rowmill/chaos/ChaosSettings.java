package dev.rowmill.chaos;

import dev.rowmill.testing.Soak;
import java.time.Duration;
import java.util.Set;

/**
 * Defines the size of a run. Each member has a system property of its name, such as {@code
 * testing.chaos.seconds}.
 *
 * @param seconds duration of the faults
 * @param nodes number of nodes; more than one form a cluster, and one alone resumes by itself after
 *     a fault
 * @param projects projects that start batches one after the other
 * @param batches batches of all projects together
 * @param rows rows of each project's table
 * @param faultMillis time from one fault to the next
 * @param takeover time after which a node takes over from a dead one, as configured
 * @param patience time after the last fault in which everything must end
 * @param kills number of killed nodes where only take-overs are measured; otherwise 0
 * @param seed seed that determines batches and faults
 */
record ChaosSettings(
    int seconds,
    int nodes,
    int projects,
    int batches,
    int rows,
    int faultMillis,
    Duration takeover,
    Duration patience,
    int kills,
    long seed,
    Set<FaultKind> faults) {

  /** Reads the properties, with defaults for a long run. */
  static ChaosSettings longRun() {
    return of(600, 30, 200, 20_000, System.nanoTime());
  }

  /** Reads the properties, with defaults for a run among other tests. */
  static ChaosSettings shortRun() {
    return of(Soak.number(30, 60), 8, 32, 4_000, 20_260_101);
  }

  private static ChaosSettings of(int seconds, int projects, int batches, int rows, long seed) {
    boolean takeovers = "takeover".equals(System.getProperty("testing.chaos.only"));
    return new ChaosSettings(
        number("seconds", seconds),
        number("nodes", 3),
        number("projects", projects),
        number("batches", batches),
        number("rows", rows),
        number("fault-millis", 3000),
        Duration.ofSeconds(number("takeover", 8)),
        Duration.ofSeconds(number("patience", 300)),
        takeovers ? number("kills", 50) : 0,
        Long.getLong("testing.seed", seed),
        FaultKind.named(System.getProperty("testing.chaos.faults", "")));
  }

  private static int number(String name, int otherwise) {
    return Integer.getInteger("testing.chaos." + name, otherwise);
  }

  boolean isCluster() {
    return nodes > 1;
  }
}
