package dev.rowmill.task;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One run of a chunked task. Used by one thread at a time. A cursor is any text that the task can
 * find its place by; the engine stores it and gives it back, and never reads it.
 *
 * <p>All calls come inside a transaction of the engine's on the given connection, with READ
 * COMMITTED and auto-commit off; implementations neither commit nor roll back. When a call throws,
 * the transaction is rolled back, and after a transient error the same chunk is asked for again.
 */
public interface ChunkedRun {

  /**
   * Says which chunk comes next, before each one and before anything else is asked; its statements
   * tell that in a comment.
   */
  default void mark(StatementTag mark) {}

  /**
   * How far the work goes as things stand now. Asked once for each batch; the answer is stored and
   * holds for all its runs, so that rows added meanwhile don't keep it running for ever.
   *
   * @return empty when it is proven that there is nothing to do
   */
  Optional<Extent> extent(Connection connection) throws SQLException;

  /**
   * The next chunk after a cursor.
   *
   * @param after where the last chunk ended, null at the very start
   * @param end the last cursor of the work, from {@link #extent}
   * @param rows how many rows the chunk should span at most, 1 or more
   * @return a chunk that begins at {@code after} and ends behind it; one that reaches the end ends
   *     at a cursor equal to {@code end}. It is never empty: the end is reached, not missed
   */
  Chunk next(Connection connection, @Nullable String after, String end, int rows)
      throws SQLException;

  /**
   * Does the work of one chunk.
   *
   * @return how many rows it changed
   */
  long apply(Connection connection, Chunk chunk) throws SQLException;

  /**
   * Whether a limit has ended the work, rather than the end of what there is. Asked after {@link
   * #extent}, and after each chunk is done; what was once so stays so for the batch.
   */
  default boolean limitReached() {
    return false;
  }

  /**
   * How many rows the chunk that was done last has passed over because of an error; null when that
   * can't be told. Asked after {@link #apply} or {@link #applyAndKeep}.
   */
  default @Nullable Long ignored() {
    return 0L;
  }

  /**
   * Why what this run changes can't be kept for an undo; empty when it can. Asked before {@link
   * #scout} and {@link #next} where it is wanted.
   */
  default Optional<Refusal> keepsNothing(Connection connection) throws SQLException {
    return Optional.of(
        new Refusal("undo-impossible", Map.of(), List.of(Refusal.Reason.of("undo-task"))));
  }

  /**
   * Does the work of one chunk as {@link #apply} does, and keeps what it takes to put it back. Only
   * called when {@link #keepsNothing} is empty.
   *
   * @param aside sees the rows as they were before
   */
  default ChunkResult applyAndKeep(Connection connection, Chunk chunk, SideReader aside)
      throws SQLException, InterruptedException {
    throw new UnsupportedOperationException("nothing is kept");
  }

  /**
   * Cuts a range into about equal parts, so that several lanes can share the work.
   *
   * @param after exclusive lower cursor, null for the very start
   * @param end inclusive upper cursor
   * @param parts how many there should be, 2 or more
   * @return the cursors between the parts, rising, each behind {@code after} and before {@code
   *     end}; fewer than asked for, or none, where the range doesn't give more
   */
  default List<String> cuts(Connection connection, @Nullable String after, String end, int parts)
      throws SQLException {
    return List.of();
  }

  /**
   * Another run of the same, of which {@link #next} alone is called: on another thread, on another
   * connection with auto-commit, and ahead of time, while the chunk before is still being done. It
   * may read, from the database alone, and change nothing. Empty where {@code next} needs what the
   * chunk before has done.
   */
  default Optional<ChunkedRun> scout() {
    return Optional.empty();
  }

  /**
   * What the size of a chunk depends on, such as a table's name: the next batch over the same
   * begins with the size that the last one ended with. Empty for the task itself.
   */
  default Optional<String> subject() {
    return Optional.empty();
  }
}
