package dev.rowmill.chaos;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Observes the stored batches, bypassing nodes and links. Checks that no project has two active
 * batches and no two serial ones run at once, and records their nodes. All times are those of the
 * database. Thread-safe.
 */
final class Watch implements AutoCloseable {

  private static final long PAUSE_MILLIS = 50;

  private static final String ACTIVE =
      "SELECT NOW(6), id, project, mode, status, COALESCE(node, ''), epoch FROM "
          + Site.SCHEMA
          + ".batch WHERE status IN ('QUEUED', 'RUNNING', 'PAUSED')";

  private record Seen(
      LocalDateTime at,
      long id,
      String project,
      boolean serial,
      String status,
      String node,
      int epoch) {

    boolean isRunning() {
      return status.equals("RUNNING");
    }
  }

  /** Represents a batch whose node has died. */
  private record Orphan(Death death, int epoch) {}

  private final Site site;
  private final Journal journal;
  private final Thread thread;
  private final Map<Long, Orphan> orphans = new HashMap<>();
  private final List<Duration> takeovers = new ArrayList<>();
  private Map<Long, Seen> active = Map.of();
  private volatile boolean closed;

  Watch(Site site, Journal journal) {
    this.site = site;
    this.journal = journal;
    thread = new Thread(this::watch, "chaos-watch");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Represents the end of a node, to be reported when it has happened. */
  final class Death {

    private final String node;
    private @Nullable LocalDateTime at;

    private Death(String node) {
      this.node = node;
    }

    /** Records the time of the end, and the batches that were running on the node. */
    void happened() {
      try (Connection connection = site.connect();
          Statement statement = connection.createStatement()) {
        List<Seen> left = read(statement);
        synchronized (Watch.this) {
          for (Seen batch : left) {
            at = batch.at;
            if (batch.isRunning() && batch.node.equals(node)) {
              orphans.put(batch.id, new Orphan(this, batch.epoch));
              journal.note(batch.id, "was running on " + node + " when it was killed");
            }
          }
        }
      } catch (SQLException e) {
        journal.note(
            "the time at which "
                + node
                + " was killed is unknown, because the database was unavailable");
      }
    }
  }

  /** Announces that a node is about to be killed. */
  Death dying(String node) {
    return new Death(node);
  }

  /** Returns the times from the end of a node to the next claim of its batches, so far. */
  synchronized List<Duration> takeovers() {
    return List.copyOf(takeovers);
  }

  /** Returns the number of batches of killed nodes that are not claimed again yet. */
  synchronized int orphans() {
    return orphans.size();
  }

  /** Returns the number of batches that a node was seen to run. */
  synchronized long runningOn(String node) {
    return active.values().stream()
        .filter(batch -> batch.isRunning() && batch.node.equals(node))
        .count();
  }

  @Override
  public void close() throws InterruptedException {
    closed = true;
    thread.join();
  }

  private void watch() {
    while (!closed) {
      try (Connection connection = site.connect();
          Statement statement = connection.createStatement()) {
        while (!closed) {
          look(read(statement));
          Thread.sleep(PAUSE_MILLIS);
        }
      } catch (SQLException e) {
        sleep();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void sleep() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed = true;
    }
  }

  private static List<Seen> read(Statement statement) throws SQLException {
    List<Seen> all = new ArrayList<>();
    try (ResultSet row = statement.executeQuery(ACTIVE)) {
      while (row.next()) {
        all.add(
            new Seen(
                row.getObject(1, LocalDateTime.class),
                row.getLong(2),
                row.getString(3),
                row.getString(4).equals("SERIAL"),
                row.getString(5),
                row.getString(6),
                row.getInt(7)));
      }
    }
    return all;
  }

  private synchronized void look(List<Seen> now) {
    Set<String> projects = new HashSet<>();
    Map<Long, Seen> byId = new HashMap<>();
    Seen serial = null;
    for (Seen batch : now) {
      byId.put(batch.id, batch);
      if (!projects.add(batch.project)) {
        journal.violation(batch.id, "is not the only active one of " + batch.project);
      }
      if (batch.serial && batch.isRunning()) {
        if (serial != null) {
          journal.violation(
              batch.id, "runs at the same time as " + serial.id + ", and both are serial");
        }
        serial = batch;
      }
      Seen before = active.get(batch.id);
      if (before == null
          || before.epoch != batch.epoch
          || !before.status.equals(batch.status)
          || !before.node.equals(batch.node)) {
        journal.note(
            batch.id,
            batch.status + " in run " + batch.epoch + " on " + batch.node + " at " + batch.at);
      }
    }
    active = byId;
    orphans
        .entrySet()
        .removeIf(
            each -> {
              Seen batch = byId.get(each.getKey());
              LocalDateTime died = each.getValue().death.at;
              if (batch == null || died == null) {
                return true;
              }
              if (batch.epoch > each.getValue().epoch) {
                Duration took = Duration.between(died, batch.at);
                takeovers.add(took);
                journal.note(batch.id, "was taken over after " + took + " by " + batch.node);
                return true;
              }
              return !batch.isRunning() && !batch.status.equals("QUEUED");
            });
  }
}
