package dev.rowmill.chaos;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Lists the faults of a cluster. */
enum FaultKind {
  /** Kills a node like {@code kill -9}, and starts it again. */
  NODE_KILL,
  /** Stops a node and starts it again, like the rollout of a new version. */
  NODE_TERM,
  /** Freezes a node for a while, often for longer than the takeover time. */
  NODE_STOP,
  /** Restarts a node with a clock that is a minute wrong. */
  CLOCK_SKEW,
  /** Kills the database, and starts it again on the same data. */
  DATABASE_KILL,
  /** Makes the database read-only for a while. */
  READ_ONLY,
  /** Fills the database's disk for a while. */
  DISK_FULL,
  /** Makes the database close some of the nodes' connections. */
  CONNECTION_KILL,
  /** Silently drops all data between a node and the database. */
  LINK_CUT,
  /** Delays each packet between a node and the database. */
  LINK_SLOW,
  /** Resets all connections between a node and the database at once. */
  LINK_RESET,
  /** Commits, but loses the response. */
  ANSWER_LOST;

  /** Returns the name in properties and reports, such as {@code node-kill}. */
  String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Reads names with commas between them; all kinds when blank.
   *
   * @throws IllegalArgumentException for a name that is none
   */
  static Set<FaultKind> named(String names) {
    if (names.isBlank()) {
      return EnumSet.allOf(FaultKind.class);
    }
    return Arrays.stream(names.split(","))
        .map(name -> valueOf(name.strip().toUpperCase(Locale.ROOT).replace('-', '_')))
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(FaultKind.class)));
  }
}
