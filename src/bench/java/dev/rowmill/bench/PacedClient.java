package dev.rowmill.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Changes single rows all over a table at a steady pace, even when earlier changes are not done.
 * Each latency counts from the time at which the change was due, so it includes waits behind others
 * (no "coordinated omission").
 *
 * <p>Not thread-safe.
 */
final class PacedClient implements AutoCloseable {

  private static final int THREADS = 32;
  private static final long BETWEEN_NANOS = TimeUnit.SECONDS.toNanos(1) / 200;

  /** Exceeds the duration of every statement, and the server's lock wait timeout. */
  private static final long PATIENCE_MINUTES = 10;

  private final BenchTable table;
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  private final ExecutorService pace = Executors.newSingleThreadExecutor();
  private final List<Connection> connections = new ArrayList<>();
  private final BlockingQueue<PreparedStatement> idle = new ArrayBlockingQueue<>(THREADS);
  private long changes;

  PacedClient(Database database, BenchTable table) throws SQLException {
    this.table = table;
    for (int i = 0; i < THREADS; i++) {
      Connection connection = database.connect();
      connections.add(connection);
      idle.add(
          connection.prepareStatement(
              "UPDATE " + table.name() + " SET stock = stock + 1 WHERE id = ?"));
    }
  }

  /** Runs while the client makes its changes. */
  interface Work {
    void run() throws Exception;
  }

  /** Returns the milliseconds of each change that was due during the work. */
  List<Double> during(Work work) throws Exception {
    List<Future<Double>> due = new ArrayList<>();
    // Interrupted when the work is done.
    Future<?> paced = pace.submit(() -> keepPace(due));
    try {
      work.run();
    } finally {
      paced.cancel(true);
    }
    // Runs after the pacing task on its only thread, which no longer changes the list then.
    List<Future<Double>> all = pace.submit(() -> due).get();
    List<Double> millis = new ArrayList<>();
    for (Future<Double> change : all) {
      millis.add(change.get(PATIENCE_MINUTES, TimeUnit.MINUTES));
    }
    changes += millis.size();
    return millis;
  }

  /** Returns the number of all changes so far. */
  long changes() {
    return changes;
  }

  private void keepPace(List<Future<Double>> due) {
    long next = System.nanoTime();
    while (!Thread.currentThread().isInterrupted()) {
      long at = next;
      if (System.nanoTime() >= at) {
        due.add(threads.submit(() -> change(at)));
        next += BETWEEN_NANOS;
      } else {
        LockSupport.parkNanos(at - System.nanoTime());
      }
    }
  }

  private double change(long due) throws SQLException, InterruptedException {
    PreparedStatement statement = idle.take();
    try {
      statement.setInt(1, ThreadLocalRandom.current().nextInt(table.rows()) + 1);
      statement.executeUpdate();
      return (System.nanoTime() - due) / 1e6;
    } finally {
      idle.add(statement);
    }
  }

  @Override
  public void close() throws SQLException {
    pace.shutdownNow();
    threads.shutdownNow();
    for (Connection connection : connections) {
      connection.close();
    }
  }
}
