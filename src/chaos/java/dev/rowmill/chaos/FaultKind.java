package dev.rowmill.chaos;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What can happen to a cluster. */
enum FaultKind {
  /** A node is killed as by {@code kill -9}, and started again. */
  NODE_KILL,
  /** A node is asked to stop, and started again, as when a new version is rolled out. */
  NODE_TERM,
  /** A node stands still for a while, often for longer than others wait for it, and goes on. */
  NODE_STOP,
  /** A node comes back with a clock that is a minute wrong. */
  CLOCK_SKEW,
  /** The database is killed, and started again on the same data. */
  DATABASE_KILL,
  /** The database takes no writes for a while. */
  READ_ONLY,
  /** The database's disk is full for a while. */
  DISK_FULL,
  /** The database closes some of the nodes' connections. */
  CONNECTION_KILL,
  /** Nothing comes through between a node and the database, and nobody is told. */
  LINK_CUT,
  /** Each packet between a node and the database takes its time. */
  LINK_SLOW,
  /** All connections between a node and the database are reset at once. */
  LINK_RESET,
  /** A commit is done, but its answer never arrives. */
  ANSWER_LOST;

  /** Its name in properties and reports, such as {@code node-kill}. */
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
