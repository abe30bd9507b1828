package dev.rowmill.chaos;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Causes faults by a seed, which determines their kinds, targets and durations. Several may
 * overlap, but never two at one node's process or two at the database, and one node is always
 * running. Each repairs its own damage at the end.
 *
 * <p>Not thread-safe.
 */
final class Faults implements AutoCloseable {

  private static final int NO_SUCH_THREAD = 1094;
  private static final Duration LONGEST = Duration.ofMinutes(3);
  private static final List<Duration> SKEWS =
      List.of(Duration.ofSeconds(60), Duration.ofSeconds(-60), Duration.ZERO);

  private final Site site;
  private final Watch watch;
  private final Journal journal;
  private final Random random;
  private final List<FaultKind> kinds;

  /** Holds each kind once; shuffled again after all were drawn, so that none is left out. */
  private final List<FaultKind> deck = new ArrayList<>();

  private final Map<FaultKind, Integer> begun = new EnumMap<>(FaultKind.class);
  private final Map<FaultKind, Integer> survived = new EnumMap<>(FaultKind.class);
  private final List<Duration> stops = new ArrayList<>();
  private final ExecutorService hands =
      Executors.newCachedThreadPool(
          work -> {
            var thread = new Thread(work, "chaos-fault");
            thread.setDaemon(true);
            return thread;
          });

  Faults(ChaosSettings settings, Site site, Watch watch, Journal journal) {
    this.site = site;
    this.watch = watch;
    this.journal = journal;
    random = new Random(settings.seed());
    kinds = new ArrayList<>(settings.faults());
    if (site.disk().isEmpty() && kinds.remove(FaultKind.DISK_FULL)) {
      skip(FaultKind.DISK_FULL, "no disk could be mounted for the database");
    }
    if (Node.clockLibrary().isEmpty() && kinds.remove(FaultKind.CLOCK_SKEW)) {
      skip(FaultKind.CLOCK_SKEW, "libfaketime is not installed");
    }
  }

  private void skip(FaultKind kind, String reason) {
    String skipped = "no " + kind.text() + ": " + reason;
    journal.note(skipped);
    System.out.println("Chaos: " + skipped);
  }

  /** Begins the next fault, which continues on its own thread. */
  void next() {
    if (kinds.isEmpty()) {
      return;
    }
    if (deck.isEmpty()) {
      deck.addAll(kinds);
      Collections.shuffle(deck, random);
    }
    FaultKind kind = deck.remove(0);
    // Drawn here, so that the result does not depend on the timing.
    int first = random.nextInt(site.nodes().size());
    long own = random.nextLong();
    hands.execute(() -> happen(kind, serving(first), new Random(own)));
  }

  /**
   * Returns this node, or the next one that serves, because a fault of a node that is down reveals
   * little.
   */
  private Node serving(int first) {
    List<Node> nodes = new ArrayList<>(site.nodes());
    Collections.rotate(nodes, -first);
    return nodes.stream()
        .filter(node -> node.address().isPresent() && !node.trouble().isLocked())
        .findFirst()
        .orElse(nodes.get(0));
  }

  /** Returns when all that has begun is over. */
  void awaitEnd() throws InterruptedException {
    hands.shutdown();
    if (!hands.awaitTermination(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
      journal.violation("a fault does not end");
    }
  }

  synchronized Map<FaultKind, Integer> begun() {
    return new EnumMap<>(begun);
  }

  synchronized Map<FaultKind, Integer> survived() {
    return new EnumMap<>(survived);
  }

  /** Returns how long nodes took to end after a SIGTERM. */
  synchronized List<Duration> stops() {
    return List.copyOf(stops);
  }

  @Override
  public void close() {
    hands.shutdownNow();
  }

  private void happen(FaultKind kind, Node node, Random own) {
    ReentrantLock trouble =
        switch (kind) {
          case DATABASE_KILL, READ_ONLY, DISK_FULL, CONNECTION_KILL -> site.databaseTrouble();
          case NODE_KILL, NODE_TERM, NODE_STOP, CLOCK_SKEW -> node.trouble();
          case LINK_CUT, LINK_SLOW, LINK_RESET, ANSWER_LOST -> null;
        };
    if (trouble != null && !trouble.tryLock()) {
      journal.note("no " + kind.text() + ", because another fault lasts");
      return;
    }
    try {
      if (trouble == node.trouble() && !othersServe(node)) {
        journal.note("no " + kind.text() + ", because only " + node.name() + " serves");
        return;
      }
      count(begun, kind);
      happen(kind, node, own, kind.text() + " ");
      count(survived, kind);
    } catch (IOException | SQLException | InterruptedException | RuntimeException e) {
      journal.note(kind.text() + " failed: " + e);
    } finally {
      if (trouble != null) {
        trouble.unlock();
      }
    }
  }

  private void happen(FaultKind kind, Node node, Random own, String text)
      throws IOException, SQLException, InterruptedException {
    switch (kind) {
      case NODE_KILL -> {
        Watch.Death death = watch.dying(node.name());
        Duration down = seconds(own, 0, 5);
        node.kill(down);
        death.happened();
        journal.note(text + node.name() + ", down for " + down);
      }
      case NODE_TERM -> terminate(node, text);
      case NODE_STOP -> {
        Duration time = seconds(own, 2, 30);
        journal.note(text + node.name() + " for " + time);
        node.signal("STOP");
        try {
          sleep(time);
        } finally {
          node.signal("CONT");
          journal.note(text + node.name() + " resumes");
        }
      }
      case CLOCK_SKEW -> {
        Duration skew = SKEWS.get(own.nextInt(SKEWS.size()));
        node.skewClock(skew);
        terminate(node, text + skew + " ");
      }
      case DATABASE_KILL -> {
        journal.note(text);
        site.server().kill();
        sleep(seconds(own, 0, 4));
        site.server().start();
        journal.note(text + "over");
      }
      case READ_ONLY -> readOnly(seconds(own, 1, 6), text);
      case DISK_FULL -> fillDisk(site.disk().orElseThrow(), seconds(own, 4, 10), text);
      case CONNECTION_KILL -> killConnections(own, text);
      case LINK_CUT -> {
        Duration time = seconds(own, 1, 20);
        journal.note(text + node.name() + " for " + time);
        node.link().cut();
        try {
          sleep(time);
        } finally {
          node.link().mend();
          journal.note(text + node.name() + " repaired");
        }
      }
      case LINK_SLOW -> {
        Duration time = seconds(own, 2, 10);
        Duration delay = Duration.ofMillis(5 + own.nextInt(100));
        journal.note(text + node.name() + " by " + delay + " for " + time);
        node.link().slow(delay);
        try {
          sleep(time);
        } finally {
          node.link().slow(Duration.ZERO);
          journal.note(text + node.name() + " over");
        }
      }
      case LINK_RESET -> {
        journal.note(text + node.name());
        node.link().reset();
      }
      case ANSWER_LOST -> {
        int before = node.link().answersLost();
        node.link().loseAnswers(1 + own.nextInt(3));
        sleep(Duration.ofSeconds(2));
        node.link().loseAnswers(0);
        journal.note(text + node.name() + ": " + (node.link().answersLost() - before));
      }
    }
  }

  /** Checks whether another node serves meanwhile, if there are several. */
  private boolean othersServe(Node node) {
    return site.nodes().size() == 1
        || site.nodes().stream()
            .anyMatch(
                other ->
                    other != node && other.address().isPresent() && !other.trouble().isLocked());
  }

  private void terminate(Node node, String text) {
    journal.note(text + node.name());
    Duration took = node.terminate();
    synchronized (this) {
      stops.add(took);
    }
    journal.note(text + node.name() + " took " + took);
  }

  private void readOnly(Duration time, String text) throws SQLException, InterruptedException {
    site.execute("SET GLOBAL read_only = 1");
    journal.note(text + "for " + time);
    try {
      sleep(time);
    } finally {
      site.execute("SET GLOBAL read_only = 0");
      journal.note(text + "over");
    }
  }

  private void fillDisk(Path disk, Duration time, String text)
      throws IOException, InterruptedException {
    Path ballast = disk.resolve("ballast");
    byte[] bytes = new byte[1 << 16];
    journal.note(text + "for " + time);
    long until = System.nanoTime() + time.toNanos();
    try (OutputStream out = Files.newOutputStream(ballast)) {
      // Space that the database releases meanwhile is filled, too.
      while (System.nanoTime() < until) {
        try {
          out.write(bytes);
        } catch (IOException full) {
          sleep(Duration.ofMillis(20));
        }
      }
    } finally {
      Files.delete(ballast);
      journal.note(text + "over");
      if (!site.server().isAlive()) {
        journal.note(text + "ended the database, which is restarted");
        site.server().start();
      }
    }
  }

  private void killConnections(Random own, String text) throws SQLException {
    int killed = 0;
    List<String> connections = site.connections(null);
    try (Connection connection = site.connect();
        Statement statement = connection.createStatement()) {
      for (String id : connections) {
        if (own.nextInt(3) == 0) {
          killed += kill(statement, id);
        }
      }
    }
    journal.note(text + killed + " of " + connections.size());
  }

  private static int kill(Statement statement, String id) throws SQLException {
    try {
      statement.execute("KILL " + id);
      return 1;
    } catch (SQLException e) {
      if (e.getErrorCode() == NO_SUCH_THREAD) {
        return 0;
      }
      throw e;
    }
  }

  private static Duration seconds(Random own, int from, int to) {
    return Duration.ofMillis(1000L * from + own.nextInt(1000 * (to - from)));
  }

  private static void sleep(Duration time) throws InterruptedException {
    Thread.sleep(time.toMillis());
  }

  private synchronized void count(Map<FaultKind, Integer> counts, FaultKind kind) {
    counts.merge(kind, 1, Integer::sum);
  }
}
