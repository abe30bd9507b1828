package dev.rowmill.audit;

import dev.rowmill.audit.AuditRows.Head;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.DatabaseFailure;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Queues audit entries and writes them on one thread, in order. Entries that arrive during a commit
 * share the next transaction. Failed writes are retried from memory until they succeed. If 10,000
 * entries are queued, further ones go to the log in full. Thread-safe.
 */
@ApplicationScoped
public class AuditLog {

  private static final Logger LOG = Logger.getLogger(AuditLog.class);

  private static final int MAX_QUEUED = 10_000;
  private static final int MAX_GROUP = 100;
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration GATHER = Duration.ofMillis(50);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration BETWEEN_ANCHORS = Duration.ofDays(1);

  private record Queued(AuditEntry entry, CountDownLatch settled, boolean urgent) {}

  private final AuditChain chain;
  private final ControlTransactions transactions;
  private final Clock clock;
  private final BlockingQueue<Queued> queue = new LinkedBlockingQueue<>(MAX_QUEUED);
  private final Thread writer = new Thread(this::work, "rowmill-audit");

  /** Indicates that the last attempt to write has failed. */
  private volatile boolean unavailable;

  private volatile boolean ending;

  AuditLog(AuditChain chain, ControlTransactions transactions, Clock clock) {
    this.chain = chain;
    this.transactions = transactions;
    this.clock = clock;
    writer.setDaemon(true);
  }

  /**
   * Starts the writer after the instance lock is acquired. Earlier entries stay queued until then.
   */
  void start(@Observes @Priority(3000) StartupEvent event) {
    writer.start();
    later(AuditEntry.ofService(clock.instant(), "startService", null, null));
  }

  /** Stops the writer late, because batches may end during the shutdown. */
  void stop(@Observes @Priority(Integer.MAX_VALUE - 1) ShutdownEvent event)
      throws InterruptedException {
    later(AuditEntry.ofService(clock.instant(), "stopService", null, null));
    ending = true;
    writer.join(PATIENCE.multipliedBy(2).toMillis());
  }

  /**
   * Queues an entry and waits for its commit. Returns early after two seconds, or if the database
   * is unavailable; the entry stays queued then. The log reports the delay.
   */
  public void write(AuditEntry entry) {
    Queued queued = enqueue(entry, true);
    if (unavailable) {
      return;
    }
    try {
      if (!queued.settled.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.errorf("The audit is slow: %s has not been written yet", entry.operation());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Writes entries in the transaction that is open on the connection.
   *
   * @param entries at least one
   */
  public void write(Connection connection, List<AuditEntry> entries) throws SQLException {
    chain.append(connection, entries);
  }

  /**
   * Queues an entry and returns at once. It may wait for others to share a transaction, unless a
   * caller of {@link #write(AuditEntry)} waits.
   */
  public void later(AuditEntry entry) {
    enqueue(entry, false);
  }

  private Queued enqueue(AuditEntry entry, boolean urgent) {
    var queued = new Queued(entry, new CountDownLatch(1), urgent);
    if (!queue.offer(queued)) {
      LOG.errorf("The audit's queue is full, and %s is LOST", entry);
      queued.settled.countDown();
    }
    return queued;
  }

  private void work() {
    List<Queued> group = new ArrayList<>();
    long anchored = System.nanoTime();
    while (!(ending && queue.isEmpty() && group.isEmpty())) {
      try {
        if (group.isEmpty()) {
          Queued first = queue.poll(PAUSE.toMillis() / 10, TimeUnit.MILLISECONDS);
          if (first == null) {
            if (System.nanoTime() - anchored > BETWEEN_ANCHORS.toNanos()) {
              anchored = System.nanoTime();
              logHead();
            }
            continue;
          }
          group.add(first);
          gather(group);
        }
        if (!written(group)) {
          if (ending) {
            break;
          }
          Thread.sleep(PAUSE.toMillis());
        }
      } catch (InterruptedException e) {
        break;
      }
    }
    group.addAll(queue);
    group.forEach(
        lost ->
            LOG.errorf(
                "The service stops before the audit is written, and %s is LOST", lost.entry));
    logHead();
  }

  /** Adds further entries, and waits shortly for them while no caller waits for the group. */
  private void gather(List<Queued> group) throws InterruptedException {
    long end = System.nanoTime() + GATHER.toNanos();
    Queued next = group.get(0);
    while (next != null && !next.urgent && !ending && group.size() < MAX_GROUP) {
      next = queue.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (next != null) {
        group.add(next);
      }
    }
    queue.drainTo(group, MAX_GROUP - group.size());
  }

  /** Writes a group and removes the entries that need no retry. Returns false if entries remain. */
  private boolean written(List<Queued> group) {
    try {
      chain.append(group.stream().map(Queued::entry).toList());
      if (unavailable) {
        LOG.info("The audit can be written again");
      }
      unavailable = false;
      group.forEach(it -> it.settled.countDown());
      group.clear();
      return true;
    } catch (RuntimeException e) {
      boolean invalid = DatabaseFailure.isAny(e, DatabaseFailure.DATA);
      if (invalid && group.size() > 1) {
        // At least one entry is invalid. Write each entry separately, to save the others.
        for (Queued one : List.copyOf(group)) {
          List<Queued> alone = new ArrayList<>(List.of(one));
          if (!written(alone)) {
            return false;
          }
          group.remove(one);
        }
        return true;
      }
      if (invalid) {
        LOG.errorf(e, "The audit can't store an entry, and %s is LOST", group.get(0).entry);
        group.get(0).settled.countDown();
        group.clear();
        return true;
      }
      if (!unavailable) {
        LOG.errorf(e, "The audit can't be written; its entries stay in memory and are retried");
      }
      unavailable = true;
      group.forEach(it -> it.settled.countDown());
      return false;
    }
  }

  /**
   * Logs the head for a later comparison. Without it, the removal of the newest rows could go
   * undetected.
   */
  private void logHead() {
    try {
      Head head = transactions.read(AuditRows::head).orElseThrow();
      LOG.infof("The audit has %d rows; the newest has the hash %s", head.id(), head.hash());
    } catch (RuntimeException e) {
      LOG.warnf("The head of the audit can't be read: %s", e.getMessage());
    }
  }
}
