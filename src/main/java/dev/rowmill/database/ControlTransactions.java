package dev.rowmill.database;

import dev.rowmill.database.ConnectionCache.Lent;
import io.quarkus.arc.Arc;
import io.quarkus.arc.InjectableContext.ContextState;
import io.quarkus.arc.ManagedContext;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import javax.sql.DataSource;

/**
 * Runs short transactions on the control pool, and retries them after a lost connection, a
 * deadlock, or once if the server takes no writes. The work must tolerate that: a commit whose
 * response was lost may have happened. An unreachable server is reported at once. The pool takes a
 * second or more to detect that, and the caller can decide better how long to wait.
 */
@ApplicationScoped
public class ControlTransactions {

  private static final int ATTEMPTS = 5;
  private static final long FIRST_PAUSE_MILLIS = 10;

  /**
   * Limits when a retry may begin. An attempt that finds no server takes a second by itself, as the
   * pool tries twice. Callers must learn soon that the database is away.
   */
  private static final long LAST_TRY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** Runs SQL on a connection, inside a transaction. */
  public interface SqlWork<T> {
    T call(Connection connection) throws SQLException;
  }

  /** Identifies transactions that leave the session as it was. */
  private static final String PURPOSE = "control";

  private final DataSource control;
  private final ConnectionCache connections;

  /**
   * @param control the pool to take connections from
   */
  public ControlTransactions(DataSource control) {
    this.control = control;
    connections = new ConnectionCache(control);
  }

  /** Runs a Hibernate transaction. */
  public <T> T call(Callable<T> work) {
    return again(() -> QuarkusTransaction.requiringNew().call(work));
  }

  /**
   * Runs Hibernate queries outside of a transaction; each sees the data committed when it begins.
   */
  public <T> T query(Callable<T> work) {
    return again(() -> inOwnSession(work));
  }

  /**
   * Runs work in a request context of its own, and so in a session of its own. One of the caller
   * would return the entities that it has read before.
   */
  private static <T> T inOwnSession(Callable<T> work) {
    ManagedContext requests = Arc.container().requestContext();
    ContextState callers = requests.getStateIfActive();
    requests.activate();
    try {
      return work.call();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("the control tables can't be read", e);
    } finally {
      requests.terminate();
      if (callers != null) {
        requests.activate(callers);
      }
    }
  }

  /** Runs a plain SQL transaction. */
  public <T> T sql(SqlWork<T> work) {
    return again(() -> transaction(work));
  }

  /** Runs queries outside of a transaction; each sees the data committed when it begins. */
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
    try {
      Lent lent = connections.borrow(PURPOSE);
      boolean committed = false;
      try {
        T result = work.call(lent.connection());
        lent.connection().commit();
        committed = true;
        return result;
      } finally {
        if (committed) {
          connections.giveBack(lent);
        } else {
          rollBack(lent);
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException("a control transaction failed", e);
    }
  }

  private void rollBack(Lent lent) throws SQLException {
    try {
      Connections.rollBackOrAbort(lent.connection());
    } finally {
      connections.giveBackFailed(lent);
    }
  }

  private static <T> T again(Supplier<T> transaction) {
    long started = System.nanoTime();
    for (int attempt = 1; ; attempt++) {
      try {
        return transaction.get();
      } catch (RuntimeException e) {
        boolean again =
            DatabaseFailure.isAny(e, DatabaseFailure.LOST_CONNECTION, DatabaseFailure.DEADLOCK)
                // The pool may find another host now, when it validates the next connection.
                || (attempt == 1 && DatabaseFailure.isAny(e, DatabaseFailure.READ_ONLY));
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
