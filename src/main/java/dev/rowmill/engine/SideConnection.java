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
 * A lane's second connection, for reads alone: with auto-commit, so that each sees what is
 * committed by then and nothing is held on to. One read at a time, each on a thread that is called
 * for it. Given back after every error. For one thread, but for {@link #breakOff}.
 */
final class SideConnection implements SideReader, AutoCloseable {

  private static final Logger LOG = Logger.getLogger(SideConnection.class);

  private final RunConnection connection;
  private final Executor threads;
  private @Nullable Future<?> last;

  /**
   * @param threads never make one read wait for another
   */
  SideConnection(DataSource pool, Executor threads) {
    this.connection = RunConnection.forReads(pool);
    this.threads = threads;
  }

  @Override
  public <T> Future<T> read(Query<T> query) {
    Future<?> before = last;
    var answer = new FutureTask<>(() -> after(before, () -> query.on(connection.get())));
    try {
      threads.execute(answer);
    } catch (RejectedExecutionException e) {
      // As a lost connection is told, so that the chunk is done after the next start.
      return CompletableFuture.failedFuture(
          new SQLTransientConnectionException("the service is ending", "08006", e));
    }
    last = answer;
    return answer;
  }

  private <T> T after(@Nullable Future<?> before, Callable<T> read) throws Exception {
    if (before != null) {
      try {
        before.get();
      } catch (ExecutionException e) {
        LOG.debug("The read before has failed, as its asker knows", e);
      }
    }
    boolean done = false;
    try {
      T answer = read.call();
      done = true;
      return answer;
    } finally {
      if (!done) {
        connection.close();
      }
    }
  }

  /** Breaks off the read in hand, by any thread. Never throws. */
  void breakOff() {
    connection.breakOff();
  }

  /** Waits for the read in hand, and gives the connection back. */
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
        LOG.debug("A read has failed, as its asker knows", e);
      }
    }
    connection.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
