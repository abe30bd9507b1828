package dev.rowmill.task;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Prepares the chunks of one lane outside of a transaction, several ahead, such as by calls of
 * another service. The lane holds no transaction and no lock meanwhile. For one thread.
 */
public interface Preparation extends AutoCloseable {

  /**
   * Represents why the next chunk is not ready.
   *
   * @param reason code of at most 32 characters
   * @param detail explanation in English
   */
  record Hold(String reason, String detail) {}

  /**
   * Waits until the next chunk is ready. What is prepared for chunks that no longer follow is
   * dropped.
   *
   * @param reader reads on a connection with auto-commit
   * @param after where the last chunk ended, null at the very start
   * @param end the last cursor of the lane
   * @param rows how many rows a chunk should span at most, 1 or more
   * @param most limits the wait
   * @return whether the chunk is ready
   */
  boolean await(SideReader reader, @Nullable String after, String end, int rows, Duration most)
      throws InterruptedException;

  /** Returns why the next chunk is not ready; empty while it is prepared without a hindrance. */
  Optional<Hold> hold();

  /**
   * Returns the chunk that is ready. Its transaction follows, unless a stop is requested. A chunk
   * that failed is returned again after the next {@link #await}.
   *
   * @throws SQLException when it could not be prepared
   */
  Chunk take() throws SQLException;

  /**
   * Is called again and again while the lane is held back, until the next {@link #await}: nothing
   * is prepared meanwhile, and what is prepared is dropped if others need its memory.
   */
  void rest();

  /** Drops all that is prepared. */
  @Override
  void close();
}
