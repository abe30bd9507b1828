package dev.rowmill.sql;

import dev.rowmill.sql.statement.ChunkableStatement;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Statements that are asked for again and again, and so need not be checked each time: one that is
 * asked for {@value #OFTEN} times within a second is checked four times a second, by one of those
 * who ask, and once a second where that takes long. A table that changes in between is noticed by
 * the run, as it is when it changes after a check. Others are not known here. Thread-safe.
 */
final class FrequentStatements {

  private static final int OFTEN = 8;
  private static final long OFTEN_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long VALID_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /** While another asker checks it. */
  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final int MOST = 200;

  /**
   * What is checked: values have no part in it, unless they are in the text.
   *
   * @param sql as it was asked for
   * @param rendered as it is run
   */
  private record Text(String sql, String rendered) {}

  /** Of one text: when it was asked for the last times, and what came of the last check. */
  private static final class Asked {
    final long[] times = new long[OFTEN];
    int next;
    ChunkableStatement checked;
    long checkedAt;
    boolean checking;

    Asked(ChunkableStatement checked, long now) {
      this.checked = checked;
      this.checkedAt = now;
      Arrays.fill(times, now - OFTEN_WITHIN_NANOS);
    }

    /** Whether this asker may rely on the last check; else it checks. */
    boolean isValid(long now) {
      long age = now - checkedAt;
      if (age < VALID_NANOS || (checking && age < LONGEST_NANOS)) {
        return true;
      }
      checking = true;
      return false;
    }

    /** Whether it has now been asked for often. */
    boolean isOften(long now) {
      boolean often = now - times[next] < OFTEN_WITHIN_NANOS;
      times[next] = now;
      next = (next + 1) % OFTEN;
      return often;
    }
  }

  private final LongSupplier nanoTime;
  private final Map<Text, Asked> all = new LinkedHashMap<>();

  /**
   * @param nanoTime such as {@link System#nanoTime}
   */
  FrequentStatements(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * Says that a statement is asked for.
   *
   * @return as it was checked, with values of another asking; empty where it is to be checked
   */
  synchronized Optional<ChunkableStatement> ask(String sql, String rendered) {
    Asked asked = all.get(new Text(sql, rendered));
    long now = nanoTime.getAsLong();
    return asked != null && asked.isOften(now) && asked.isValid(now)
        ? Optional.of(asked.checked)
        : Optional.empty();
  }

  /** A statement has passed its check. */
  synchronized void passed(String sql, ChunkableStatement statement) {
    long now = nanoTime.getAsLong();
    Text text = new Text(sql, statement.whole().sql());
    Asked asked = all.get(text);
    if (asked == null) {
      all.put(text, new Asked(statement, now));
      if (all.size() > MOST) {
        all.remove(all.keySet().iterator().next());
      }
    } else {
      asked.checked = statement;
      asked.checkedAt = now;
      asked.checking = false;
    }
  }
}
