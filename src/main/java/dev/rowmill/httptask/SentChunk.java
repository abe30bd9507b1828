package dev.rowmill.httptask;

import dev.rowmill.sql.run.SelectedRow;
import dev.rowmill.task.Chunk;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Holds the rows of a chunk, as they were sent, with the answers so far. Guarded by the window that
 * it belongs to.
 */
final class SentChunk {

  /** Represents a row of the chunk, with its answer; null until there is one. */
  static final class Row {
    final SelectedRow read;
    final RowFormat.Sent sent;
    @Nullable RowAnswer answer;

    Row(SelectedRow read, RowFormat.Sent sent) {
      this.read = read;
      this.sent = sent;
    }

    /** Returns about how many bytes the row takes, with its part of a request. */
    long bytes() {
      return read.bytes() + 2L * sent.key().length() + 2L * sent.json().length;
    }
  }

  final Chunk chunk;
  final List<Row> rows;

  /** Holds the calls that have no outcome yet. */
  final List<ChunkCall> calls = new ArrayList<>();

  /** Holds the rows of a call that the service has rejected together. */
  final List<List<Row>> rejected = new ArrayList<>();

  /** Describes why the service rejects rows together. */
  @Nullable String rejection;

  /** Describes why the batch can't continue with this chunk; null while it can. */
  @Nullable String failure;

  /** Counts the bytes of rows that their memory knows of. */
  private long heldRows;

  /** Counts the bytes of answers that their memory knows of. */
  private long heldAnswers;

  /** Stores whether rows have changed, so that the range must be read again. */
  boolean stale;

  SentChunk(Chunk chunk, List<Row> rows) {
    this.chunk = chunk;
    this.rows = rows;
  }

  /** Reports the bytes of its rows and answers. */
  void hold(ChunkCall.Origin origin) {
    hold(
        origin,
        rows.stream().mapToLong(Row::bytes).sum(),
        rows.stream().mapToLong(row -> row.answer == null ? 0 : row.answer.bytes()).sum());
  }

  /** Reports that its rows and answers are dropped. */
  void drop(ChunkCall.Origin origin) {
    hold(origin, 0, 0);
  }

  private void hold(ChunkCall.Origin origin, long ofRows, long ofAnswers) {
    origin.rows().add(ofRows - heldRows);
    heldRows = ofRows;
    origin.answers().add(ofAnswers - heldAnswers);
    heldAnswers = ofAnswers;
  }

  /** Returns whether nothing is left to wait for. */
  boolean isReady() {
    return calls.isEmpty() && !stale;
  }

  /** Takes the answers for rows that are unchanged from another read of the same range. */
  void keep(SentChunk before) {
    Map<String, Row> known = new HashMap<>();
    before.rows.forEach(row -> known.put(row.sent.key(), row));
    for (Row row : rows) {
      Row same = known.get(row.sent.key());
      if (same != null && same.read.isSame(row.read)) {
        row.answer = same.answer;
      }
    }
  }

  /** Returns the rows that have no answer. */
  List<Row> open() {
    return rows.stream().filter(row -> row.answer == null).toList();
  }

  /** Returns the rows behind a cursor up to and including another one, in their order. */
  List<Row> within(@Nullable String after, String upTo) {
    int from = after == null || after.equals(chunk.after()) ? 0 : indexOf(after) + 1;
    int to = upTo.equals(chunk.upTo()) ? rows.size() : indexOf(upTo) + 1;
    return rows.subList(from, to);
  }

  private int indexOf(String cursor) {
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i).read.cursor().equals(cursor)) {
        return i;
      }
    }
    throw new IllegalArgumentException("no row at " + cursor);
  }
}
