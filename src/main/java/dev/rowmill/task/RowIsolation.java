package dev.rowmill.task;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Isolates the rows of a chunk that reject their change, by dividing it. Reads in the transaction
 * of the chunk, and changes nothing. Has the thread safety of its {@link ChunkedRun}.
 */
public interface RowIsolation {

  /**
   * Cuts a chunk into smaller ones.
   *
   * @param rows rows of each, 1 or more; the last may have fewer
   * @return the parts in their order, which cover the whole range
   */
  List<Chunk> parts(Connection connection, Chunk chunk, int rows) throws SQLException;

  /**
   * Divides a part that was just applied, failed because of a row and was rolled back. The parts
   * are applied in their order, and divided again where they fail.
   */
  Division divide(Connection connection, Chunk failed) throws SQLException;

  /**
   * Returns whether each part needs a savepoint, to which it is rolled back when it fails. False
   * where a failed part is a failed statement, which the server itself rolls back.
   */
  default boolean needsSavepoints() {
    return true;
  }

  /**
   * Returns whether the part that has just failed may have left changes, so that the whole chunk
   * has to be rolled back. Only called where there are no savepoints.
   */
  default boolean hasLeftChanges() {
    return true;
  }

  /** Returns an isolation that searches the row by halves, with {@link ChunkedRun#next} alone. */
  static RowIsolation byHalves(ChunkedRun run) {
    return new RowIsolation() {
      @Override
      public List<Chunk> parts(Connection connection, Chunk chunk, int rows) throws SQLException {
        List<Chunk> parts = new ArrayList<>();
        @Nullable String at = chunk.after();
        do {
          Chunk part = run.next(connection, at, chunk.upTo(), rows);
          parts.add(part);
          at = part.upTo();
        } while (!chunk.upTo().equals(at));
        return parts;
      }

      @Override
      public Division divide(Connection connection, Chunk failed) throws SQLException {
        if (failed.rows() <= 1) {
          String cursor = failed.upTo();
          return Division.ofOne(failed, new RowKey(cursor, RowIsolation.json(cursor)));
        }
        int half = (int) Math.min(Integer.MAX_VALUE, failed.rows() / 2);
        Chunk first = run.next(connection, failed.after(), failed.upTo(), half);
        if (first.upTo().equals(failed.upTo())) {
          return new Division(List.of(first), null);
        }
        long rest = Math.max(1, failed.rows() - first.rows());
        return new Division(List.of(first, new Chunk(first.upTo(), failed.upTo(), rest)), null);
      }
    };
  }

  private static String json(String cursor) {
    StringBuilder text = new StringBuilder("{\"cursor\":\"");
    for (char c : cursor.toCharArray()) {
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < ' ') {
        text.append("\\u%04x".formatted((int) c));
      } else {
        text.append(c);
      }
    }
    return text.append("\"}").toString();
  }
}
