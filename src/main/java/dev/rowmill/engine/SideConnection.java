package dev.rowmill.engine;

import dev.rowmill.task.SideReader;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Manages the second connection of a lane, for reads only. It has auto-commit on, so each read sees
 * the rows committed before it, and holds no snapshot. Runs one read at a time, each on a thread of
 * the executor. Returns the connection after every error. For one thread, except {@link #breakOff}.
 */
final class SideConnection implements SideReader, AutoCloseable {

  private static final Logger LOG = Logger.getLogger(SideConnection.class);

  private final RunConnection connection;
  private final Executor threads;
  private @Nullable Future<?> last;

  /**
   * @param threads executor that never queues one read behind another
   */
  SideConnection(DataSource pool, Executor threads) {
    this.connection = RunConnection.forReads(pool);
    this.threads = threads;
  }

  @Override
  public <T> Future<T> read(Query<T> query) {
    Future<?> before = last;
    var result = new FutureTask<>(() -> after(before, () -> query.on(connection.get())));
    try {
      threads.execute(result);
    } catch (RejectedExecutionException e) {
      // Report it like a lost connection, so the chunk is processed after the next start.
      return CompletableFuture.failedFuture(
          new SQLTransientConnectionException("the service is stopping", "08006", e));
    }
    last = result;
    return result;
  }

  private <T> T after(@Nullable Future<?> before, Callable<T> read) throws Exception {
    if (before != null) {
      try {
        before.get();
      } catch (ExecutionException e) {
        LOG.debug("The previous read failed; its caller has the error", e);
      }
    }
    boolean done = false;
    try {
      T result = read.call();
      done = true;
      return result;
    } finally {
      if (!done) {
        connection.close();
      }
    }
  }

  /** Kills the current read on the server. Callable by any thread. Never throws. */
  void breakOff() {
    connection.breakOff();
  }

  /** Waits for the current read, and returns the connection to the pool. */
  @Override
  public void close() {
    Future<?> before = last;
    last = null;
    boolean interrupted = false;
    while (before != null && !before.isDone()) {
      try {
        before.get();
      } catch (InterruptedException e) {
        interrupted = true;
        connection.breakOff();
      } catch (ExecutionException e) {
        LOG.debug("A read failed; its caller has the error", e);
      }
    }
    connection.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
