package dev.rowmill.engine;

import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkedRun;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Finds where the next chunk ends while the one in hand is still being done, on a thread and a
 * connection of its own. What it finds may be left unused at any time; what it can't find the
 * caller looks for itself, and meets the error, if there is one. For one thread, but for {@link
 * #breakOff}.
 */
final class LookAhead implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(LookAhead.class);

  /** What is older says too little about the rows that are there now. */
  private static final Duration FRESH = Duration.ofSeconds(1);

  /** After an error, such as that the server takes no more connections. */
  private static final Duration REST = Duration.ofSeconds(1);

  private record Look(String after, String end, int rows, long since, FutureTask<Chunk> answer) {
    boolean fits(@Nullable String nowAfter, String nowEnd, int nowRows) {
      return after.equals(nowAfter)
          && end.equals(nowEnd)
          // A size that follows the time of chunks is never twice the same.
          && rows <= nowRows + nowRows / 4;
    }
  }

  private final RunConnection connection;
  private final Executor threads;
  private final LongSupplier nanoTime;
  private @Nullable Look look;
  private long failedAt;

  /**
   * @param nanoTime such as {@link System#nanoTime}
   */
  LookAhead(DataSource pool, Executor threads, LongSupplier nanoTime) {
    this.connection = RunConnection.forReads(pool);
    this.threads = threads;
    this.nanoTime = nanoTime;
    failedAt = nanoTime.getAsLong() - REST.toNanos();
  }

  /**
   * Begins to look for a chunk; not for a while after an error.
   *
   * @param work used by no other thread meanwhile
   */
  void begin(ChunkedRun work, String after, String end, int rows) {
    if (isWithin(REST, failedAt)) {
      return;
    }
    var answer = new FutureTask<>(() -> work.next(connection.get(), after, end, rows));
    try {
      threads.execute(answer);
      look = new Look(after, end, rows, nanoTime.getAsLong(), answer);
    } catch (RejectedExecutionException e) {
      LOG.debug("The service is ending, nothing is looked for ahead");
    }
  }

  /** What was found, once; empty when something else was looked for, or nothing found. */
  Optional<Chunk> take(@Nullable String after, String end, int rows) throws InterruptedException {
    Look before = look;
    if (before == null) {
      return Optional.empty();
    }
    try {
      Chunk found = before.answer().get();
      look = null;
      return before.fits(after, end, rows) && isWithin(FRESH, before.since())
          ? Optional.of(found)
          : Optional.empty();
    } catch (ExecutionException e) {
      LOG.debug("Looking ahead failed", e);
      look = null;
      failedAt = nanoTime.getAsLong();
      connection.close();
      return Optional.empty();
    }
  }

  private boolean isWithin(Duration time, long since) {
    return nanoTime.getAsLong() - since < time.toNanos();
  }

  /** Breaks off the look in hand, by any thread. Never throws. */
  void breakOff() {
    connection.breakOff();
  }

  /** Waits for the look in hand, and gives the connection back. */
  @Override
  public void close() {
    Look before = look;
    look = null;
    boolean interrupted = false;
    while (before != null && !before.answer().isDone()) {
      try {
        before.answer().get();
      } catch (InterruptedException e) {
        interrupted = true;
        connection.breakOff();
      } catch (ExecutionException e) {
        LOG.debug("Looking ahead failed", e);
      }
    }
    connection.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
