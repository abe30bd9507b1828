package dev.rowmill.chaos;

import dev.rowmill.testing.Soak;
import java.time.Duration;
import java.util.Set;

/**
 * How large a run is. Each has a system property of its name, such as {@code
 * testing.chaos.seconds}.
 *
 * @param seconds for how long faults happen
 * @param nodes more than one make a cluster; one alone has only itself to go on after a fault
 * @param projects that start batches, one after the other each
 * @param batches of all projects together
 * @param rows of each project's table
 * @param faultMillis from one fault to the next
 * @param takeover how soon a node takes over what a dead one did, as it is configured
 * @param patience how long after the last fault everything may take to come to an end
 * @param kills how many nodes are killed where only take-overs are measured; else 0
 * @param seed what the batches and faults are chosen by
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

  /** As the properties say, with defaults for a long run. */
  static ChaosSettings longRun() {
    return of(600, 30, 200, 20_000, System.nanoTime());
  }

  /** As the properties say, with defaults for a run beside other tests. */
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
