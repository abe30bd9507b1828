package dev.rowmill.engine;

import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkedRun;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Finds where the next chunk ends while the one in hand is still being done, on a thread and a
 * connection of its own. What it finds may be left unused at any time; what it can't find the
 * caller looks for itself, and meets the error, if there is one. For one thread.
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
          && rows <= nowRows + nowRows / 4
          && System.nanoTime() - since < FRESH.toNanos();
    }
  }

  private final RunConnection connection;
  private final Executor threads;
  private @Nullable Look look;
  private long failedAt = System.nanoTime() - REST.toNanos();

  /**
   * @param connection with auto-commit, for this object alone
   */
  LookAhead(RunConnection connection, Executor threads) {
    this.connection = connection;
    this.threads = threads;
  }

  /**
   * Begins to look for a chunk; not for a while after an error.
   *
   * @param work used by no other thread meanwhile
   */
  void begin(ChunkedRun work, String after, String end, int rows) {
    if (System.nanoTime() - failedAt < REST.toNanos()) {
      return;
    }
    var answer = new FutureTask<>(() -> work.next(connection.get(), after, end, rows));
    try {
      threads.execute(answer);
      look = new Look(after, end, rows, System.nanoTime(), answer);
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
      return before.fits(after, end, rows) ? Optional.of(found) : Optional.empty();
    } catch (ExecutionException e) {
      LOG.debug("Looking ahead failed", e);
      look = null;
      failedAt = System.nanoTime();
      connection.close();
      return Optional.empty();
    }
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
