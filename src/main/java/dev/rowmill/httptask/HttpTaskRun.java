package dev.rowmill.httptask;

import dev.rowmill.sql.run.RowEdit;
import dev.rowmill.sql.run.RowExchange;
import dev.rowmill.sql.run.SelectedRow;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Division;
import dev.rowmill.task.Extent;
import dev.rowmill.task.Preparation;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.RowIsolation;
import dev.rowmill.task.RowKey;
import dev.rowmill.task.SideReader;
import dev.rowmill.task.StatementTag;
import dev.rowmill.task.UnpreparedChunkException;
import java.sql.Connection;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes what a service has answered for the rows of each chunk. The rows are locked and compared
 * with what was sent first; a chunk with changed rows is prepared again.
 */
final class HttpTaskRun implements ChunkedRun {

  private final RowExchange exchange;
  private final Function<StatementTag, CallWindow> windows;
  private @Nullable CallWindow window;

  /**
   * @param windows opens the window of a lane
   */
  HttpTaskRun(RowExchange exchange, Function<StatementTag, CallWindow> windows) {
    this.exchange = exchange;
    this.windows = windows;
  }

  @Override
  public void mark(StatementTag mark) {
    exchange.mark(mark);
    window = windows.apply(mark);
  }

  private CallWindow window() {
    return Objects.requireNonNull(window, "mark is called first");
  }

  @Override
  public Optional<Preparation> preparation() {
    return Optional.of(window());
  }

  @Override
  public Optional<Extent> extent(Connection connection) throws SQLException {
    return exchange.extent(connection);
  }

  @Override
  public Chunk next(Connection connection, @Nullable String after, String end, int rows) {
    throw new UnsupportedOperationException("the preparation finds the chunks");
  }

  @Override
  public List<String> splitPoints(
      Connection connection, @Nullable String after, String end, int parts) throws SQLException {
    return exchange.splitPoints(connection, after, end, parts);
  }

  /** Returns true: more lanes make no call faster, so there are several only if requested. */
  @Override
  public boolean needsOrder() {
    return true;
  }

  @Override
  public Optional<Refusal> undoRefusal(Connection connection, boolean secret) {
    return Optional.ofNullable(exchange.table().refused());
  }

  @Override
  public long apply(Connection connection, Chunk chunk) throws SQLException {
    return write(connection, chunk).changed();
  }

  @Override
  public ChunkResult applyAndCapture(Connection connection, Chunk chunk, SideReader sideReader)
      throws SQLException {
    return write(connection, chunk);
  }

  private ChunkResult write(Connection connection, Chunk part) throws SQLException {
    SentChunk sent = window().head();
    if (sent.failure != null) {
      throw new SQLException(sent.failure);
    }
    if (sent.rejection != null) {
      throw new SQLDataException(sent.rejection, "22000");
    }
    Map<String, SentChunk.Row> rows = new HashMap<>();
    sent.within(part.after(), part.upTo()).forEach(row -> rows.put(row.read.cursor(), row));
    List<RowEdit> edits = new ArrayList<>();
    int changed = 0;
    String rejection = null;
    for (SelectedRow now : exchange.lock(connection, part)) {
      SentChunk.Row row = rows.get(now.cursor());
      if (row == null || row.answer == null || !row.read.isSame(now)) {
        changed++;
      } else if (row.answer instanceof RowAnswer.Update update) {
        edits.add(new RowEdit.Update(now, update.columns(), update.values()));
      } else if (row.answer instanceof RowAnswer.Delete) {
        edits.add(new RowEdit.Delete(now));
      } else if (row.answer instanceof RowAnswer.Reject reject && rejection == null) {
        rejection = reject.message();
      }
    }
    if (changed > 0) {
      sent.stale = true;
      throw new UnpreparedChunkException(changed + " rows have changed since they were sent");
    }
    if (rejection != null) {
      throw new SQLDataException(rejection, "45000");
    }
    return exchange.write(connection, edits);
  }

  /** Returns an isolation by halves of the rows that were sent, which calls no service. */
  @Override
  public RowIsolation isolation() {
    window().isolate();
    return new RowIsolation() {
      @Override
      public List<Chunk> parts(Connection connection, Chunk chunk, int rows) {
        List<SentChunk.Row> all = window().head().within(chunk.after(), chunk.upTo());
        List<Chunk> parts = new ArrayList<>();
        String after = chunk.after();
        for (int from = 0; from < all.size() && all.size() - from > rows; from += rows) {
          String upTo = all.get(from + rows - 1).read.cursor();
          parts.add(new Chunk(after, upTo, rows));
          after = upTo;
        }
        long left = chunk.rows() - (long) parts.size() * rows;
        parts.add(new Chunk(after, chunk.upTo(), Math.max(1, left)));
        return parts;
      }

      @Override
      public Division divide(Connection connection, Chunk failed) {
        List<SentChunk.Row> all = window().head().within(failed.after(), failed.upTo());
        return all.size() == 1
            ? Division.ofOne(failed, new RowKey(failed.upTo(), exchange.shownKey(all.get(0).read)))
            : new Division(parts(connection, failed, (all.size() + 1) / 2), null);
      }
    };
  }

  @Override
  public Optional<String> sizeKey() {
    return Optional.empty();
  }
}
