package dev.rowmill.sql;

import dev.rowmill.sql.statement.ChunkableStatement;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Caches statements that are requested often and need not be checked each time. Thread-safe.
 *
 * <p>A statement that is requested {@value #OFTEN} times within a second is checked four times a
 * second, by one of the callers. If the check takes long, it is checked once a second. A table that
 * changes in between is noticed by the run, as it is when it changes after a check. Statements that
 * are requested less often are never returned.
 */
final class FrequentStatements {

  private static final int OFTEN = 8;
  private static final long OFTEN_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long VALID_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /** Limits the age of a check that is reused while another caller checks the statement again. */
  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final int MOST = 200;

  /**
   * Identifies a checked statement. Values are no part of it, unless they are in the text.
   *
   * @param sql the text of the request
   * @param rendered the text that runs
   */
  private record Text(String sql, String rendered) {}

  /** Stores when one text was last requested, and the result of its last check. */
  private static final class Requests {
    final long[] times = new long[OFTEN];
    int next;
    ChunkableStatement checked;
    long checkedAt;
    boolean checking;

    Requests(ChunkableStatement checked, long now) {
      this.checked = checked;
      this.checkedAt = now;
      Arrays.fill(times, now - OFTEN_WITHIN_NANOS);
    }

    /**
     * Returns whether this caller may use the last check; otherwise it must check the statement.
     */
    boolean isValid(long now) {
      long age = now - checkedAt;
      if (age < VALID_NANOS || (checking && age < LONGEST_NANOS)) {
        return true;
      }
      checking = true;
      return false;
    }

    /** Records a request, and returns whether the text is requested often. */
    boolean isOften(long now) {
      boolean often = now - times[next] < OFTEN_WITHIN_NANOS;
      times[next] = now;
      next = (next + 1) % OFTEN;
      return often;
    }
  }

  private final LongSupplier nanoTime;
  private final Map<Text, Requests> all = new LinkedHashMap<>();

  /**
   * @param nanoTime monotonic clock in nanoseconds, such as {@link System#nanoTime}
   */
  FrequentStatements(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * Records a request for a statement.
   *
   * @return the checked statement, with the values of another request; empty if the caller must
   *     check it
   */
  synchronized Optional<ChunkableStatement> find(String sql, String rendered) {
    Requests requests = all.get(new Text(sql, rendered));
    long now = nanoTime.getAsLong();
    return requests != null && requests.isOften(now) && requests.isValid(now)
        ? Optional.of(requests.checked)
        : Optional.empty();
  }

  /** Records that a statement has passed its check. */
  synchronized void passed(String sql, ChunkableStatement statement) {
    long now = nanoTime.getAsLong();
    Text text = new Text(sql, statement.whole().sql());
    Requests requests = all.get(text);
    if (requests == null) {
      all.put(text, new Requests(statement, now));
      if (all.size() > MOST) {
        all.remove(all.keySet().iterator().next());
      }
    } else {
      requests.checked = statement;
      requests.checkedAt = now;
      requests.checking = false;
    }
  }
}
