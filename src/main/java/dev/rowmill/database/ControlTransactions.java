package dev.rowmill.database;

import com.mysql.cj.jdbc.JdbcConnection;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import javax.sql.DataSource;

/**
 * Short transactions on the control pool, tried again when the connection turned out dead or a
 * deadlock struck. The work must bear that: a commit whose answer was lost may have happened. Where
 * nothing takes connections the caller is told at once: the pool takes a second or more to find
 * that out, and a caller can decide better how long to wait.
 */
@ApplicationScoped
public class ControlTransactions {

  private static final int ATTEMPTS = 5;
  private static final long FIRST_PAUSE_MILLIS = 10;

  /**
   * No try begins later than this. One that finds no server takes a second by itself, as the pool
   * tries twice; callers of a database that is away are to be told so soon.
   */
  private static final long LAST_TRY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** Work on a connection, inside a transaction. */
  public interface SqlWork<T> {
    T call(Connection connection) throws SQLException;
  }

  private final DataSource control;

  /**
   * @param control the pool to take connections from
   */
  public ControlTransactions(DataSource control) {
    this.control = control;
  }

  /** A transaction of Hibernate's. */
  public <T> T call(Callable<T> work) {
    return again(() -> QuarkusTransaction.requiringNew().call(work));
  }

  /** A transaction by plain SQL. */
  public <T> T sql(SqlWork<T> work) {
    return again(() -> transaction(work));
  }

  /** Queries, each of which sees what is committed by then. */
  public <T> T read(SqlWork<T> work) {
    return again(
        () -> {
          try (Connection connection = control.getConnection()) {
            return work.call(connection);
          } catch (SQLException e) {
            throw new IllegalStateException("the control tables can't be read", e);
          }
        });
  }

  private <T> T transaction(SqlWork<T> work) {
    try (Connection connection = control.getConnection();
        Statement statement = connection.createStatement()) {
      // Rather than by auto-commit, which takes one round trip more, as it has to be put back.
      statement.execute("START TRANSACTION");
      boolean committed = false;
      try {
        T result = work.call(connection);
        statement.execute("COMMIT");
        committed = true;
        return result;
      } finally {
        if (!committed) {
          rollBackOrAbort(connection, statement);
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException("a control transaction failed", e);
    }
  }

  /** A connection that can't roll back must not go back to the pool with a transaction open. */
  private static void rollBackOrAbort(Connection connection, Statement statement)
      throws SQLException {
    try {
      statement.execute("ROLLBACK");
    } catch (SQLException e) {
      connection.unwrap(JdbcConnection.class).abort(Runnable::run);
    }
  }

  private static <T> T again(Supplier<T> transaction) {
    long started = System.nanoTime();
    for (int attempt = 1; ; attempt++) {
      try {
        return transaction.get();
      } catch (RuntimeException e) {
        boolean again =
            DatabaseFailure.of(e)
                .filter(f -> f == DatabaseFailure.LOST_CONNECTION || f == DatabaseFailure.DEADLOCK)
                .isPresent();
        if (!again || attempt == ATTEMPTS || System.nanoTime() - started > LAST_TRY_NANOS) {
          throw e;
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(FIRST_PAUSE_MILLIS << attempt));
      }
    }
  }

  public void run(Runnable work) {
    call(
        () -> {
          work.run();
          return true;
        });
  }
}
