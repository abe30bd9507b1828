package dev.rowmill.progress;

import dev.rowmill.database.ControlTransactions;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Returns and stores the timelines of batches. The records of this process hold those of its own
 * runs. A separate thread writes them every two seconds, or once per step if that is longer, and at
 * the end of a run. All other timelines are read from the database. Safe for many threads.
 */
@ApplicationScoped
public class Timelines {

  private static final Logger LOG = Logger.getLogger(Timelines.class);

  private static final long POLL_MILLIS = 500;
  private static final Duration BETWEEN_WRITES = Duration.ofSeconds(2);
  private static final long LAST_WRITE_SECONDS = 2;

  private static final long DELETE_MILLIS = 10_000;
  private static final int DELETED_AT_ONCE = 200;

  private final RunRecords records;
  private final TimelineRows rows;
  private final ControlTransactions transactions;
  private final TimelineConfig config;
  private final ScheduledExecutorService writer =
      Executors.newSingleThreadScheduledExecutor(
          new DefaultThreadFactory("rowmill-timelines", true));

  /** Holds when each record was last written, or first seen; used by the writer thread only. */
  private final Map<RunRecord, Long> writtenNanos = new WeakHashMap<>();

  /** Is false after a failed write, so it is logged once; used by the writer thread only. */
  private boolean available = true;

  Timelines(
      RunRecords records,
      TimelineRows rows,
      ControlTransactions transactions,
      TimelineConfig config) {
    this.records = records;
    this.rows = rows;
    this.transactions = transactions;
    this.config = config;
  }

  void start(@Observes StartupEvent event) {
    writer.scheduleWithFixedDelay(
        () -> tried(this::write), POLL_MILLIS, POLL_MILLIS, TimeUnit.MILLISECONDS);
    writer.scheduleWithFixedDelay(
        () -> tried(this::deleteOld), DELETE_MILLIS, DELETE_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Writes late in the shutdown, as runs end during it. */
  void stop(@Observes @Priority(Integer.MAX_VALUE - 1) ShutdownEvent event)
      throws InterruptedException {
    writer.execute(() -> tried(this::write));
    writer.shutdown();
    if (!writer.awaitTermination(LAST_WRITE_SECONDS, TimeUnit.SECONDS)) {
      LOG.warn("The timelines of the last batches are not stored, because the database is slow");
    }
  }

  /** Returns the timeline of a batch; without steps where none is known. */
  public TimelineView timeline(long batch) {
    Optional<RunRecord> local = records.find(batch);
    if (local.isPresent()) {
      join(local.get());
      return local.get().timeline();
    }
    return stored(batch).map(it -> new Timeline(it).view()).orElse(TimelineView.NOTHING);
  }

  private Optional<StoredTimeline> stored(long batch) {
    return transactions.read(connection -> rows.find(connection, batch));
  }

  private void join(RunRecord record) {
    if (record.isToBeJoined()) {
      record.join(stored(record.batch()).orElse(null));
    }
  }

  private void tried(Runnable work) {
    try {
      work.run();
      if (!available) {
        available = true;
        LOG.info("Timelines can be stored again");
      }
    } catch (RuntimeException e) {
      if (available) {
        available = false;
        LOG.warnf("Timelines can't be stored: %s", e.getMessage());
      }
    }
  }

  private void write() {
    long now = System.nanoTime();
    for (RunRecord record : records.running()) {
      long pause = Math.max(BETWEEN_WRITES.toNanos(), record.step().toNanos());
      if (now - writtenNanos.computeIfAbsent(record, it -> now) >= pause) {
        write(record);
        writtenNanos.put(record, now);
      }
    }
    for (RunRecord record : records.over()) {
      records.forget(record, write(record));
    }
  }

  /** Writes a record, and returns a state that the written data include. */
  private RunRecord.State write(RunRecord record) {
    join(record);
    RunRecord.State state = record.state();
    StoredTimeline timeline = record.storedTimeline();
    transactions.sql(
        connection -> rows.write(connection, record.batch(), state.progress().chunks(), timeline));
    return state;
  }

  private void deleteOld() {
    transactions.sql(
        connection -> rows.deleteOlder(connection, config.retention(), DELETED_AT_ONCE));
  }
}
