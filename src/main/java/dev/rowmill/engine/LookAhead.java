package dev.rowmill.engine;

import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.SideReader;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Finds where the next chunk ends while the one in hand is still being done, by a connection
 * beside. What it finds may be left unused at any time; what it can't find the caller looks for
 * itself, and meets the error, if there is one. For one thread.
 */
final class LookAhead {

  private static final Logger LOG = Logger.getLogger(LookAhead.class);

  /** What is older says too little about the rows that are there now. */
  private static final Duration FRESH = Duration.ofSeconds(1);

  /** After an error, such as that the server takes no more connections. */
  private static final Duration REST = Duration.ofSeconds(1);

  private record Look(String after, String end, int rows, long since, Future<Chunk> answer) {
    boolean fits(@Nullable String nowAfter, String nowEnd, int nowRows) {
      return after.equals(nowAfter)
          && end.equals(nowEnd)
          // A size that follows the time of chunks is never twice the same.
          && rows <= nowRows + nowRows / 4;
    }
  }

  private final SideReader aside;
  private final LongSupplier nanoTime;
  private @Nullable Look look;
  private long failedAt;

  /**
   * @param nanoTime such as {@link System#nanoTime}
   */
  LookAhead(SideReader aside, LongSupplier nanoTime) {
    this.aside = aside;
    this.nanoTime = nanoTime;
    failedAt = nanoTime.getAsLong() - REST.toNanos();
  }

  /**
   * Begins to look for a chunk; not for a while after an error.
   *
   * @param work used by no other thread meanwhile
   */
  void begin(ChunkedRun work, String after, String end, int rows) {
    if (isWithin(REST, failedAt)) {
      return;
    }
    Future<Chunk> answer = aside.read(other -> work.next(other, after, end, rows));
    look = new Look(after, end, rows, nanoTime.getAsLong(), answer);
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
      return before.fits(after, end, rows) && isWithin(FRESH, before.since())
          ? Optional.of(found)
          : Optional.empty();
    } catch (ExecutionException e) {
      LOG.debug("Looking ahead failed", e);
      look = null;
      failedAt = nanoTime.getAsLong();
      return Optional.empty();
    }
  }

  private boolean isWithin(Duration time, long since) {
    return nanoTime.getAsLong() - since < time.toNanos();
  }
}
