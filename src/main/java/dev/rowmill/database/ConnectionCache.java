package dev.rowmill.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Lends connections with auto-commit off. A returned one is lent again for the same purpose without
 * a new validation, until a quarter of a second after its last one. So it saves three round trips
 * each time: the validation, and the switches of auto-commit. Safe for many threads.
 *
 * <p>A user must tolerate a lost connection. When one was lost, the others may be lost as well:
 * none is lent again, and the pool validates the next ones.
 */
public final class ConnectionCache {

  private static final Logger LOG = Logger.getLogger(ConnectionCache.class);

  private static final Duration VALID = Duration.ofMillis(250);

  /** Limits the unused connections, because the pool can't lend them to others. */
  private static final int MOST = 8;

  /**
   * Represents a connection that is lent.
   *
   * @param purpose only what may find the session as this user leaves it has the same purpose
   */
  public record Lent(Connection connection, String purpose, long borrowedNanos) {}

  private final DataSource pool;
  private final Deque<Lent> unused = new ArrayDeque<>();
  private boolean expires;

  /**
   * @param pool validates each connection that it lends
   */
  public ConnectionCache(DataSource pool) {
    this.pool = pool;
  }

  /** Lends a connection without a transaction. */
  public Lent borrow(String purpose) throws SQLException {
    Lent again = take(purpose);
    if (again != null) {
      return again;
    }
    Connection connection = pool.getConnection();
    try {
      connection.setAutoCommit(false);
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
    return new Lent(connection, purpose, System.nanoTime());
  }

  /** Returns one for the purpose; without one, returns another to the pool in exchange. */
  private @Nullable Lent take(String purpose) {
    Lent other;
    synchronized (this) {
      for (Iterator<Lent> each = unused.iterator(); each.hasNext(); ) {
        Lent lent = each.next();
        if (isValid(lent) && lent.purpose.equals(purpose)) {
          each.remove();
          return lent;
        }
      }
      other = unused.pollLast();
    }
    if (other != null) {
      close(List.of(other));
    }
    return null;
  }

  private static boolean isValid(Lent lent) {
    return System.nanoTime() - lent.borrowedNanos < VALID.toNanos();
  }

  /** Takes back a connection whose last transaction was committed or rolled back. */
  public void giveBack(Lent lent) throws SQLException {
    if (!retain(lent)) {
      lent.connection.close();
    }
  }

  /** Takes back a connection after an error, and lends none of the others again. */
  public void giveBackFailed(Lent lent) throws SQLException {
    close(takeAll(false));
    lent.connection.close();
  }

  private synchronized boolean retain(Lent lent) {
    if (!isValid(lent) || unused.size() == MOST) {
      return false;
    }
    unused.addFirst(lent);
    if (!expires) {
      expires = true;
      expireLater();
    }
    return true;
  }

  private void expireLater() {
    CompletableFuture.delayedExecutor(VALID.toNanos(), TimeUnit.NANOSECONDS)
        .execute(() -> close(takeAll(true)));
  }

  private synchronized List<Lent> takeAll(boolean onlyExpired) {
    List<Lent> taken = new ArrayList<>();
    for (Iterator<Lent> each = unused.iterator(); each.hasNext(); ) {
      Lent lent = each.next();
      if (!onlyExpired || !isValid(lent)) {
        each.remove();
        taken.add(lent);
      }
    }
    if (onlyExpired) {
      expires = !unused.isEmpty();
      if (expires) {
        expireLater();
      }
    }
    return taken;
  }

  private static void close(List<Lent> taken) {
    for (Lent lent : taken) {
      try {
        lent.connection.close();
      } catch (SQLException | RuntimeException e) {
        LOG.debug("A connection could not be returned", e);
      }
    }
  }
}
