package dev.rowmill.engine;

import dev.rowmill.batch.LaneState;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.Preparation;
import dev.rowmill.task.SideReader;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Waits for the prepared chunks of a lane, in short steps, and returns them. For one thread. */
final class PreparedChunks implements AutoCloseable {

  /** Limits a step, after which a stop and the bounds of the run are checked. */
  private static final Duration STEP = Duration.ofMillis(100);

  private final Preparation preparation;
  private final SideReader reader;
  private final Supplier<LaneState> lane;
  private final IntSupplier rows;
  private Duration waited = Duration.ZERO;
  private boolean ready;

  /**
   * @param lane returns the lane as it is now
   * @param rows returns how many rows a chunk may have now
   */
  PreparedChunks(
      Preparation preparation, SideReader reader, Supplier<LaneState> lane, IntSupplier rows) {
    this.preparation = preparation;
    this.reader = reader;
    this.lane = lane;
    this.rows = rows;
  }

  /** Waits for the next chunk for a moment; returns whether it is ready. */
  boolean await() throws InterruptedException {
    long started = System.nanoTime();
    LaneState now = lane.get();
    String end = now.end();
    ready = end != null && preparation.await(reader, now.after(), end, rows.getAsInt(), STEP);
    waited = Duration.ofNanos(System.nanoTime() - started);
    return ready;
  }

  /** Prepares nothing until the next wait. */
  void rest() {
    preparation.rest();
  }

  /** Returns how long the last wait took. */
  Duration waited() {
    return waited;
  }

  Optional<Preparation.Hold> hold() {
    return preparation.hold();
  }

  /** Returns the chunk that is ready, once; null where none is. */
  @Nullable Chunk take() throws SQLException {
    boolean was = ready;
    ready = false;
    return was ? preparation.take() : null;
  }

  @Override
  public void close() {
    preparation.close();
  }
}
