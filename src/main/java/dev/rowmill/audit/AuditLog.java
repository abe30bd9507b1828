package dev.rowmill.audit;

import dev.rowmill.audit.AuditRows.Head;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.DatabaseFailure;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
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
 * Where everything that is to be in the audit is told. One thread writes it, in the order of the
 * telling and in one transaction for all that has come meanwhile, so that many callers share a
 * commit. What can't be written is kept in memory and tried again until it can; of more than ten
 * thousand entries the rest goes to the log, whole. Safe for many threads.
 */
@ApplicationScoped
public class AuditLog {

  private static final Logger LOG = Logger.getLogger(AuditLog.class);

  private static final int MOST_KEPT = 10_000;
  private static final int MOST_AT_ONCE = 100;
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration BETWEEN_ANCHORS = Duration.ofDays(1);

  private record Told(AuditEntry entry, CountDownLatch settled) {}

  private final AuditChain chain;
  private final ControlTransactions transactions;
  private final Clock clock;
  private final BlockingQueue<Told> told = new LinkedBlockingQueue<>(MOST_KEPT);
  private final Thread writer = new Thread(this::work, "rowmill-audit");

  /** Whether the last try to write has failed. */
  private volatile boolean away;

  private volatile boolean ending;

  AuditLog(AuditChain chain, ControlTransactions transactions, Clock clock) {
    this.chain = chain;
    this.transactions = transactions;
    this.clock = clock;
    writer.setDaemon(true);
  }

  /** After the instance's lock is taken; what is told before is kept until then. */
  void start(@Observes @Priority(3000) StartupEvent event) {
    writer.start();
    later(AuditEntry.ofService(clock.instant(), "startService", null, null));
  }

  /** Late, as batches end during the shutdown. */
  void stop(@Observes @Priority(Integer.MAX_VALUE - 1) ShutdownEvent event)
      throws InterruptedException {
    later(AuditEntry.ofService(clock.instant(), "stopService", null, null));
    ending = true;
    writer.join(PATIENCE.multipliedBy(2).toMillis());
  }

  /**
   * Returns when the entry is committed or, when that can't be done at once, kept to be written as
   * soon as it can be; the log says so.
   */
  public void write(AuditEntry entry) {
    Told mine = tell(entry);
    if (away) {
      return;
    }
    try {
      if (!mine.settled.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.errorf("The audit is slow: %s is not written yet", entry.operation());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns at once; the entry is written soon. */
  public void later(AuditEntry entry) {
    tell(entry);
  }

  private Told tell(AuditEntry entry) {
    var mine = new Told(entry, new CountDownLatch(1));
    if (!told.offer(mine)) {
      LOG.errorf("The audit can't take any more, and has NOT got %s", entry);
      mine.settled.countDown();
    }
    return mine;
  }

  private void work() {
    List<Told> group = new ArrayList<>();
    long anchored = System.nanoTime();
    while (!(ending && told.isEmpty() && group.isEmpty())) {
      try {
        if (group.isEmpty()) {
          Told first = told.poll(PAUSE.toMillis() / 10, TimeUnit.MILLISECONDS);
          if (first == null) {
            if (System.nanoTime() - anchored > BETWEEN_ANCHORS.toNanos()) {
              anchored = System.nanoTime();
              logHead();
            }
            continue;
          }
          group.add(first);
          told.drainTo(group, MOST_AT_ONCE - 1);
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
    group.addAll(told);
    group.forEach(lost -> LOG.errorf("The audit has NOT got %s", lost.entry));
    logHead();
  }

  /** Takes out of the group what needs no other try. */
  private boolean written(List<Told> group) {
    try {
      chain.append(group.stream().map(Told::entry).toList());
      if (away) {
        LOG.info("The audit is written again");
      }
      away = false;
      group.forEach(it -> it.settled.countDown());
      group.clear();
      return true;
    } catch (RuntimeException e) {
      boolean bad = DatabaseFailure.of(e).filter(sort -> sort == DatabaseFailure.DATA).isPresent();
      if (bad && group.size() > 1) {
        // One of them; the others don't suffer from it.
        for (Told one : List.copyOf(group)) {
          List<Told> alone = new ArrayList<>(List.of(one));
          if (!written(alone)) {
            return false;
          }
          group.remove(one);
        }
        return true;
      }
      if (bad) {
        LOG.errorf(e, "The audit does not take, and has NOT got %s", group.get(0).entry);
        group.get(0).settled.countDown();
        group.clear();
        return true;
      }
      if (!away) {
        LOG.errorf(
            e,
            "The audit can't be written; what is to be in it is kept and tried again until it"
                + " can");
      }
      away = true;
      group.forEach(it -> it.settled.countDown());
      return false;
    }
  }

  /** So that it can be compared later: a chain whose newest rows are gone has no gap. */
  private void logHead() {
    try {
      Head head = transactions.read(AuditRows::head).orElseThrow();
      LOG.infof("The audit has %d rows, the newest of hash %s", head.id(), head.hash());
    } catch (RuntimeException e) {
      LOG.warnf("The audit's head can't be read: %s", e.getMessage());
    }
  }
}
