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
 * Finds the end of the next chunk on a side connection while the current chunk runs. The caller may
 * ignore a result at any time. If nothing was found, the caller searches itself, and meets the
 * error if there is one. For one thread.
 */
final class LookAhead {

  private static final Logger LOG = Logger.getLogger(LookAhead.class);

  /** Limits the age of a result; an older one says too little about the current rows. */
  private static final Duration FRESH = Duration.ofSeconds(1);

  /** Sets the pause after an error, such as too many connections on the server. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private record Search(String after, String end, int rows, long since, Future<Chunk> result) {
    boolean fits(@Nullable String nowAfter, String nowEnd, int nowRows) {
      return after.equals(nowAfter)
          && end.equals(nowEnd)
          // A size that follows the time of chunks hardly ever repeats.
          && rows <= nowRows + nowRows / 4;
    }
  }

  private final SideReader sideReader;
  private final LongSupplier nanoTime;
  private @Nullable Search search;
  private long failedAt;

  /**
   * @param nanoTime such as {@link System#nanoTime}
   */
  LookAhead(SideReader sideReader, LongSupplier nanoTime) {
    this.sideReader = sideReader;
    this.nanoTime = nanoTime;
    failedAt = nanoTime.getAsLong() - PAUSE.toNanos();
  }

  /**
   * Begins the search for a chunk, unless an error was recent.
   *
   * @param work used by no other thread during the search
   */
  void begin(ChunkedRun work, String after, String end, int rows) {
    if (isWithin(PAUSE, failedAt)) {
      return;
    }
    Future<Chunk> result = sideReader.read(other -> work.next(other, after, end, rows));
    search = new Search(after, end, rows, nanoTime.getAsLong(), result);
  }

  /**
   * Returns the result of the search, once. Returns empty when the search was for another chunk, is
   * too old, or has failed.
   */
  Optional<Chunk> take(@Nullable String after, String end, int rows) throws InterruptedException {
    Search begun = search;
    if (begun == null) {
      return Optional.empty();
    }
    try {
      Chunk found = begun.result().get();
      search = null;
      return begun.fits(after, end, rows) && isWithin(FRESH, begun.since())
          ? Optional.of(found)
          : Optional.empty();
    } catch (ExecutionException e) {
      LOG.debug("Looking ahead failed", e);
      search = null;
      failedAt = nanoTime.getAsLong();
      return Optional.empty();
    }
  }

  private boolean isWithin(Duration time, long since) {
    return nanoTime.getAsLong() - since < time.toNanos();
  }
}
