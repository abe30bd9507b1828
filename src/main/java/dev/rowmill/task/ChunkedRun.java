package dev.rowmill.task;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Performs one run of a chunked task. Used by one thread at a time. A cursor is any text from which
 * the task finds its position. The engine stores it, returns it and never parses it.
 *
 * <p>All calls come inside a transaction of the engine on the given connection, with READ COMMITTED
 * and auto-commit off. Implementations neither commit nor roll back. When a call throws, the
 * transaction is rolled back; after a transient error the same chunk is requested again. What must
 * not happen inside a transaction is done by {@link #preparation}.
 */
public interface ChunkedRun {

  /**
   * Sets the tag that all statements of the run carry in a comment, once, before the first call of
   * {@link #extent}, {@link #next} or {@link #apply}.
   */
  default void mark(StatementTag mark) {}

  /**
   * Returns the extent of the work at this moment. Called once for each batch. The result is stored
   * and holds for all runs, so rows added later don't extend the batch.
   *
   * @return empty when it is proven that there is nothing to do
   */
  Optional<Extent> extent(Connection connection) throws SQLException;

  /**
   * Returns the next chunk after a cursor.
   *
   * @param after where the last chunk ended, null at the very start
   * @param end the last cursor of the work, from {@link #extent}
   * @param rows how many rows the chunk should span at most, 1 or more
   * @return a chunk that begins at {@code after} and ends behind it; the last one ends at a cursor
   *     equal to {@code end}. It is never empty
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
   * Returns whether a limit has ended the work before the end of the data. Called after {@link
   * #extent} and after each chunk. Once true, it stays true for the batch.
   */
  default boolean limitReached() {
    return false;
  }

  /**
   * Returns how many rows the last chunk ignored because of an error; null when unknown. Called
   * after {@link #apply} or {@link #applyAndCapture}.
   */
  default @Nullable Long ignored() {
    return 0L;
  }

  /**
   * Represents a row that a chunk has left as it was, although nothing has failed.
   *
   * @param reason one sentence in English
   */
  record LeftRow(RowKey row, String reason) {}

  /**
   * Returns the rows that the last chunk has left as they were, which are listed with those that
   * failed. Called after {@link #apply} or {@link #applyAndCapture}.
   */
  default List<LeftRow> leftRows() {
    return List.of();
  }

  /**
   * Returns why the changes of this run can't be stored as undo images; empty when they can. Called
   * before {@link #lookAheadRun} and {@link #next} where undo is wanted.
   *
   * @param secret whether parameters have secret values, which no image may store
   */
  default Optional<Refusal> undoRefusal(Connection connection, boolean secret) throws SQLException {
    return Optional.of(
        new Refusal("undo-impossible", Map.of(), List.of(Refusal.Reason.of("undo-task"))));
  }

  /**
   * Does the work of one chunk as {@link #apply} does, and returns its undo image. Only called when
   * {@link #undoRefusal} is empty.
   *
   * @param sideReader reads the rows as they were before
   */
  default ChunkResult applyAndCapture(Connection connection, Chunk chunk, SideReader sideReader)
      throws SQLException, InterruptedException {
    throw new UnsupportedOperationException("no undo data is stored");
  }

  /**
   * Completes a chunk whose rows were changed or passed over, in its transaction, before its
   * checkpoint moves. Called once for each chunk, with the range that the checkpoint will cover.
   */
  default void complete(Connection connection, Chunk chunk) throws SQLException {}

  /**
   * Splits a range into about equal parts, so that several lanes can share the work.
   *
   * @param after exclusive lower cursor, null for the very start
   * @param end inclusive upper cursor
   * @param parts how many there should be, 2 or more
   * @return the cursors between the parts, rising, each behind {@code after} and before {@code
   *     end}; fewer than requested, or none, where the range doesn't give more
   */
  default List<String> splitPoints(
      Connection connection, @Nullable String after, String end, int parts) throws SQLException {
    return List.of();
  }

  /**
   * Returns whether chunks may fail in another order than that of their cursors, as values of a
   * unique key that are shifted. Then a batch has several lanes only if they are requested.
   */
  default boolean needsOrder() {
    return false;
  }

  /**
   * Returns what isolates the rows that reject their change, where the batch passes over them.
   * Called once, after the first chunk that failed.
   */
  default RowIsolation isolation() {
    return RowIsolation.byHalves(this);
  }

  /**
   * Returns a second run of the same work for the lookahead, which calls {@link #next} alone. It
   * does so while the chunk before is still being done, on another thread and another connection
   * with auto-commit. It may only read, and only from the database. Empty where {@code next}
   * depends on the result of the chunk before.
   */
  default Optional<ChunkedRun> lookAheadRun() {
    return Optional.empty();
  }

  /**
   * Returns what prepares the chunks of this run outside of their transactions, once, after {@link
   * #undoRefusal}. It replaces {@link #next} and the lookahead for the chunks of the lane. Empty
   * where chunks need no preparation.
   */
  default Optional<Preparation> preparation() {
    return Optional.empty();
  }

  /**
   * Returns what the size of a chunk depends on, such as a table's name. The next batch with the
   * same subject begins with the last one's final size. Empty for the task itself.
   */
  default Optional<String> sizeKey() {
    return Optional.empty();
  }

  /**
   * Releases what the run holds besides its connection, such as files. Called once, when no other
   * call follows, also after an error. Never throws.
   */
  default void close() {}
}
