package dev.rowmill.sql;

import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.statement.SqlParameters;
import dev.rowmill.sql.value.BoundText;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Caches recently checked statements for the run that follows, and for its lanes. A table's
 * definition may change after the check just as it may change during the run, which reads it once.
 * Thread-safe.
 */
final class CheckedStatements {

  private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final int MOST = 1000;

  /** Limits the SQL text of a cached statement, in characters. */
  private static final int LONGEST = 10_000;

  private static final int MOST_VALUES = 100;

  private record Start(SqlParameters parameters, String project) {}

  private record Checked(ChunkableStatement statement, long at) {}

  private final Map<Start, Checked> checked = new LinkedHashMap<>();

  /** Returns whether a statement is small enough to be cached. */
  static boolean isSmall(ChunkableStatement statement) {
    BoundText rendered = statement.whole();
    return rendered.sql().length() <= LONGEST && rendered.values().size() <= MOST_VALUES;
  }

  void put(SqlParameters parameters, String project, ChunkableStatement statement) {
    Start start = new Start(parameters, project);
    long now = System.nanoTime();
    synchronized (checked) {
      checked.remove(start);
      // The oldest come first.
      Iterator<Checked> oldest = checked.values().iterator();
      while (oldest.hasNext() && (isOld(oldest.next(), now) || checked.size() >= MOST)) {
        oldest.remove();
      }
      checked.put(start, new Checked(statement, now));
    }
  }

  private static boolean isOld(Checked found, long now) {
    return now - found.at > KEPT_NANOS;
  }

  /** Returns a cached statement; empty if there is none or it is too old. */
  Optional<ChunkableStatement> find(SqlParameters parameters, String project) {
    Start start = new Start(parameters, project);
    synchronized (checked) {
      return Optional.ofNullable(checked.get(start))
          .filter(found -> !isOld(found, System.nanoTime()))
          .map(Checked::statement);
    }
  }
}
