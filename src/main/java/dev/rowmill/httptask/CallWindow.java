package dev.rowmill.httptask;

import dev.rowmill.httptask.AnswerReader.InvalidAnswerException;
import dev.rowmill.sql.run.RowExchange;
import dev.rowmill.sql.run.SelectedRow;
import dev.rowmill.sql.run.SelectedRows.Selection;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.Preparation;
import dev.rowmill.task.SideReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Reads the chunks of a lane ahead and has the service process them, several at a time; the answers
 * are taken in the order of the chunks. The rows of the lane's next chunk that have changed, or
 * that the service has rejected together, are sent again. For one thread, except {@link #received}.
 */
final class CallWindow implements Preparation, ChunkCall.Receiver {

  private static final Logger LOG = Logger.getLogger(CallWindow.class);

  /** Sets how often a value is held: as it was read, as JSON, and in a request. */
  private static final int COPIES = 3;

  /** Limits the rows of several chunks that are read by one query. */
  private static final int ROWS_OF_READ = 1000;

  private final RowExchange exchange;
  private final CallQueue queue;
  private final ChunkCall.Origin origin;
  private final int batchRows;
  private final int most;

  /** Sets how many chunks are read at a time. */
  private final int atOnce;

  private final Runnable whenClosed;
  private final RowFormat format;
  private final AnswerReader answers;

  // All that follows is guarded by this.
  private final Deque<SentChunk> chunks = new ArrayDeque<>();
  private boolean closed;
  private volatile boolean resting;

  /** Counts how often the window was cleared: what a read finds after that is dropped. */
  private int generation;

  /** Holds the cursor behind which the next chunk is read. */
  private @Nullable String reached;

  // All that follows is used by the lane's thread only.
  private @Nullable Future<?> reading;
  private @Nullable SQLException error;
  private @Nullable String end;
  private boolean isolating;

  /**
   * @param batchRows maximum number of rows of a call
   * @param most maximum number of chunks that are read ahead
   * @param whenClosed is run when the window is closed
   */
  CallWindow(
      RowExchange exchange,
      CallQueue queue,
      ChunkCall.Origin origin,
      int batchRows,
      int most,
      Runnable whenClosed) {
    this.exchange = exchange;
    this.queue = queue;
    this.origin = origin;
    this.batchRows = batchRows;
    this.most = most;
    this.atOnce = Math.max(1, Math.min(most / 8, ROWS_OF_READ / batchRows));
    this.whenClosed = whenClosed;
    this.format = new RowFormat(exchange.table());
    this.answers = new AnswerReader(exchange.table());
  }

  /** Makes the service name the rows that it rejects, one by one. */
  void isolate() {
    isolating = true;
  }

  /** Returns the next chunk of the lane. */
  synchronized SentChunk head() {
    return Objects.requireNonNull(chunks.peekFirst(), "no chunk is prepared");
  }

  @Override
  public boolean await(
      SideReader reader, @Nullable String after, String laneEnd, int rows, Duration step)
      throws InterruptedException {
    long until = System.nanoTime() + step.toNanos();
    if (resting) {
      resting = false;
      queue.wake();
    }
    if (laneEnd.equals(end)) {
      advance(after);
    } else {
      clear(after);
      end = laneEnd;
    }
    cut(rows);
    while (true) {
      divideRejected();
      settleRead();
      if (error != null) {
        return true;
      }
      read(reader, laneEnd);
      need();
      synchronized (this) {
        if (isReady(chunks.peekFirst())) {
          return true;
        }
        long left = (until - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          return false;
        }
        wait(left);
      }
    }
  }

  /** Returns whether nothing is left to wait for before a chunk is written. */
  private boolean isReady(@Nullable SentChunk chunk) {
    return chunk != null && chunk.isReady() && (!isolating || chunk.rejected.isEmpty());
  }

  /** Lets a call of the first chunk go before all others, because the lane waits for it. */
  private void need() {
    ChunkCall needed;
    synchronized (this) {
      SentChunk first = chunks.peekFirst();
      needed = first == null || first.calls.isEmpty() ? null : first.calls.get(0);
    }
    if (needed != null) {
      needed.need();
      queue.need(needed);
    }
  }

  /** Drops the chunks that the lane has passed, or all if it is elsewhere. */
  private void advance(@Nullable String after) {
    synchronized (this) {
      while (!chunks.isEmpty() && !Objects.equals(chunks.getFirst().chunk.after(), after)) {
        SentChunk passed = chunks.removeFirst();
        passed.drop(origin);
      }
      // A read of the chunk behind the last one may be running.
      if (!chunks.isEmpty() || Objects.equals(reached, after)) {
        return;
      }
    }
    clear(after);
  }

  /** Cuts the first chunk, if the lane wants fewer rows than it has. Its answers are kept. */
  private synchronized void cut(int rows) {
    SentChunk first = chunks.peekFirst();
    if (first == null || first.rows.size() <= rows || !isReady(first)) {
      return;
    }
    chunks.removeFirst();
    first.drop(origin);
    Chunk whole = first.chunk;
    String upTo = first.rows.get(rows - 1).read.cursor();
    var rest =
        new SentChunk(
            new Chunk(upTo, whole.upTo(), Math.max(1, whole.rows() - rows)),
            first.rows.subList(rows, first.rows.size()));
    var part = new SentChunk(new Chunk(whole.after(), upTo, rows), first.rows.subList(0, rows));
    for (SentChunk each : List.of(rest, part)) {
      each.failure = first.failure;
      each.rejection = first.rejection;
      each.stale = !each.open().isEmpty();
      each.hold(origin);
      chunks.addFirst(each);
    }
  }

  /** Sends rows that were rejected together in two calls, until each call has one row. */
  private void divideRejected() {
    List<ChunkCall> calls = new ArrayList<>();
    synchronized (this) {
      SentChunk first = chunks.peekFirst();
      if (!isolating || first == null) {
        return;
      }
      for (List<SentChunk.Row> rows : first.rejected) {
        int half = rows.size() / 2;
        calls.add(call(first, rows.subList(0, half)));
        calls.add(call(first, rows.subList(half, rows.size())));
      }
      first.rejected.clear();
      first.rejection = null;
    }
    calls.forEach(queue::submit);
  }

  private void settleRead() throws InterruptedException {
    Future<?> begun = reading;
    if (begun == null || !begun.isDone()) {
      return;
    }
    reading = null;
    try {
      begun.get();
    } catch (ExecutionException e) {
      error =
          e.getCause() instanceof SQLException sql
              ? sql
              : new SQLException("the rows can't be read ahead", e.getCause());
    }
  }

  private void read(SideReader reader, String laneEnd) {
    if (reading != null) {
      return;
    }
    int now;
    boolean again;
    synchronized (this) {
      SentChunk first = chunks.peekFirst();
      again = first != null && first.stale;
      if (!again && position(laneEnd) == null) {
        return;
      }
      now = generation;
    }
    reading =
        reader.read(
            connection -> {
              try {
                if (again) {
                  again(connection, now);
                } else {
                  ahead(connection, laneEnd, now);
                }
                return true;
              } finally {
                synchronized (this) {
                  notifyAll();
                }
              }
            });
  }

  /**
   * Represents where the next chunk begins.
   *
   * @param needed whether the lane waits for it
   */
  private record Position(@Nullable String after, boolean needed) {}

  /** Returns where to read ahead; null if no further chunk is wanted. */
  private synchronized @Nullable Position position(String laneEnd) {
    return closed || resting || chunks.size() > most - atOnce || laneEnd.equals(reached)
        ? null
        : new Position(reached, chunks.isEmpty());
  }

  /** Reads chunks and submits their rows, until the window or the memory is full. */
  private void ahead(Connection connection, String laneEnd, int of) throws SQLException {
    RowMemory memory = origin.rows();
    for (Position next = position(laneEnd); next != null; next = position(laneEnd)) {
      boolean room = memory.reserve();
      if (!room && !next.needed()) {
        return;
      }
      try {
        int rows = room ? batchRows * atOnce : batchRows;
        if (!ahead(connection, next.after(), laneEnd, rows, of)) {
          return;
        }
      } finally {
        memory.add(room ? -memory.ofRead() : 0);
      }
    }
  }

  /** Reads the next rows and submits them; returns false if they are no longer wanted. */
  private boolean ahead(
      Connection connection, @Nullable String after, String laneEnd, int rows, int of)
      throws SQLException {
    Selection found =
        exchange.next(connection, after, laneEnd, rows, origin.rows().ofRead() / COPIES);
    List<SentChunk> parts = parts(found.chunk(), rows(connection, found.rows()));
    List<ChunkCall> calls = new ArrayList<>();
    synchronized (this) {
      if (closed || generation != of) {
        return false;
      }
      for (SentChunk part : parts) {
        chunks.addLast(part);
        part.hold(origin);
        calls.addAll(calls(part));
        reached = part.chunk.upTo();
      }
      notifyAll();
    }
    calls.forEach(queue::submit);
    return true;
  }

  /** Divides rows that were read together into chunks of one call each. */
  private List<SentChunk> parts(Chunk whole, List<SentChunk.Row> rows) {
    List<SentChunk> parts = new ArrayList<>();
    String after = whole.after();
    int from = 0;
    for (; rows.size() - from > batchRows; from += batchRows) {
      String upTo = rows.get(from + batchRows - 1).read.cursor();
      parts.add(
          new SentChunk(
              new Chunk(after, upTo, batchRows),
              List.copyOf(rows.subList(from, from + batchRows))));
      after = upTo;
    }
    parts.add(
        new SentChunk(
            new Chunk(after, whole.upTo(), Math.max(1, whole.rows() - from)),
            List.copyOf(rows.subList(from, rows.size()))));
    return parts;
  }

  /** Reads the rows of the first chunk again, and submits those that have changed. */
  private void again(Connection connection, int of) throws SQLException {
    SentChunk before = head();
    SentChunk chunk =
        new SentChunk(before.chunk, rows(connection, exchange.again(connection, before.chunk)));
    List<ChunkCall> calls;
    synchronized (this) {
      if (closed || generation != of || chunks.peekFirst() != before) {
        return;
      }
      chunk.keep(before);
      before.drop(origin);
      chunk.hold(origin);
      chunks.removeFirst();
      chunks.addFirst(chunk);
      calls = calls(chunk);
      notifyAll();
    }
    calls.forEach(queue::submit);
  }

  private List<SentChunk.Row> rows(Connection connection, List<SelectedRow> read)
      throws SQLException {
    List<RowFormat.Sent> sent = format.sent(exchange.readable(connection, read));
    List<SentChunk.Row> rows = new ArrayList<>();
    for (int i = 0; i < read.size(); i++) {
      rows.add(new SentChunk.Row(read.get(i), sent.get(i)));
    }
    return rows;
  }

  /** Returns the calls for the rows that have no answer. */
  private List<ChunkCall> calls(SentChunk chunk) {
    List<ChunkCall> calls = new ArrayList<>();
    List<SentChunk.Row> open = chunk.open();
    for (int from = 0; from < open.size(); from += batchRows) {
      calls.add(call(chunk, open.subList(from, Math.min(open.size(), from + batchRows))));
    }
    return calls;
  }

  private ChunkCall call(SentChunk chunk, List<SentChunk.Row> rows) {
    var call = new ChunkCall(origin, chunk.chunk, List.copyOf(rows), this);
    chunk.calls.add(call);
    return call;
  }

  @Override
  public void received(ChunkCall call, CallOutcome outcome) {
    List<RowAnswer> read = List.of();
    String invalid = null;
    if (outcome instanceof CallOutcome.Answered answered) {
      try {
        read =
            answers.read(answered.body(), call.rows().stream().map(row -> row.sent.key()).toList());
      } catch (InvalidAnswerException e) {
        invalid = String.valueOf(e.getMessage());
      } catch (RuntimeException e) {
        // A call that is never settled would hold its lane.
        LOG.error("The answer of a call can't be read", e);
        invalid = "the answer can't be read: " + e;
      }
    } else if (outcome instanceof CallOutcome.Invalid response) {
      invalid = response.message();
    }
    synchronized (this) {
      for (SentChunk chunk : chunks) {
        if (chunk.calls.remove(call)) {
          settle(chunk, call.rows(), outcome, read, invalid);
          chunk.hold(origin);
          notifyAll();
          return;
        }
      }
    }
  }

  private void settle(
      SentChunk chunk,
      List<SentChunk.Row> rows,
      CallOutcome outcome,
      List<RowAnswer> read,
      @Nullable String invalid) {
    if (invalid != null) {
      chunk.failure = "task " + origin.task().name() + ": " + invalid;
    } else if (outcome instanceof CallOutcome.Rejected rejected) {
      if (rows.size() == 1) {
        rows.get(0).answer = new RowAnswer.Reject(rejected.message());
      } else {
        chunk.rejected.add(rows);
        chunk.rejection = rejected.message();
      }
    } else {
      for (int i = 0; i < rows.size(); i++) {
        rows.get(i).answer = read.get(i);
      }
    }
  }

  @Override
  public Optional<Hold> hold() {
    return queue.hold().or(() -> origin.channel().hold(origin.batch()));
  }

  @Override
  public boolean isResting() {
    return resting;
  }

  @Override
  public void rest() {
    resting = true;
    // Others need the room, and responses that are not read would time out at the service.
    boolean dropped = true;
    while (dropped && origin.answers().isFull()) {
      dropped = dropLast();
    }
    need();
  }

  /** Drops the last chunk, which is read again later; returns false if it is the only one. */
  private boolean dropLast() {
    SentChunk last;
    synchronized (this) {
      if (chunks.size() < 2) {
        return false;
      }
      generation++;
      last = chunks.removeLast();
      reached = chunks.getLast().chunk.upTo();
      last.drop(origin);
    }
    last.calls.forEach(queue::drop);
    return true;
  }

  @Override
  public Chunk take() throws SQLException {
    SQLException failed = error;
    error = null;
    if (failed != null) {
      throw failed;
    }
    return head().chunk;
  }

  /** Drops all chunks, and begins again behind a cursor. */
  private void clear(@Nullable String after) {
    List<ChunkCall> dropped = new ArrayList<>();
    synchronized (this) {
      generation++;
      reached = after;
      for (SentChunk chunk : chunks) {
        dropped.addAll(chunk.calls);
        chunk.drop(origin);
      }
      chunks.clear();
    }
    dropped.forEach(queue::drop);
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    clear(null);
    whenClosed.run();
  }
}
