package dev.rowmill.changes;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.store.ChunkRecords;
import dev.rowmill.batch.store.ChunkRecords.Next;
import dev.rowmill.database.DataQueries;
import dev.rowmill.sql.run.ChangeReader;
import dev.rowmill.sql.run.ChangedRows;
import dev.rowmill.sql.run.ImageSections;
import dev.rowmill.sql.run.RowImage;
import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes the changes of one batch part by part. While rows are written, the next sections are read
 * side by side, and no more. So a slow reader holds up nothing: there is no connection, lock or
 * transaction that waits for it, and the memory does not depend on the number of rows. For one
 * thread at a time.
 */
public final class ChangeStream {

  /** Limits how many bytes are collected before a part is returned. */
  private static final int SMALL = 64 << 10;

  /** Limits the time that is spent on a part before it is returned, even if it is empty. */
  private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  /** Limits the sections that are read ahead. Two keep two cores of a server busy. */
  private static final int AHEAD = 2;

  private final DataQueries data;
  private final BatchView batch;
  private final Selection selection;
  private final ChangeFormat format;
  private final ChangeWriter writer;
  private final ImageSections sections;

  /** Holds the readers that no thread uses. */
  private final Queue<ChangeReader> readers = new ConcurrentLinkedQueue<>();

  /** Checks tables, for a script. */
  private final ChangeReader tables = new ChangeReader(false);

  private final boolean newestFirst;
  private final Executor executor;

  /** Is the id of the range that is being read, or the limit before the first one. */
  private long range;

  /** Holds the sections that are read ahead, in their order. */
  private final Deque<CompletableFuture<Optional<Section>>> ahead = new ArrayDeque<>();

  /** Finds the section that is to be read last; one at a time, as each follows the one before. */
  private CompletableFuture<Optional<Place>> last =
      CompletableFuture.completedFuture(Optional.empty());

  private byte @Nullable [] first;
  private boolean begun;
  private boolean checked;
  private boolean ended;

  /**
   * @param after only ranges with higher ids, if the last one does not come first; 0 for all
   * @param newestFirst whether the last range comes first
   * @param executor runs queries while rows are written
   */
  ChangeStream(
      DataQueries data,
      BatchView batch,
      Selection selection,
      ChangeFormat format,
      ChangeWriter writer,
      ImageSections sections,
      long after,
      boolean newestFirst,
      Executor executor) {
    this.data = data;
    this.batch = batch;
    this.selection = selection;
    this.format = format;
    this.writer = writer;
    this.sections = sections;
    this.newestFirst = newestFirst;
    this.executor = executor;
    range = newestFirst ? Long.MAX_VALUE : after;
  }

  /** Returns the media type of the parts together. */
  public String contentType() {
    return format.contentType();
  }

  /**
   * Reads the first part, which {@link #next} then returns.
   *
   * @throws InvalidSelectionException if the selection does not fit the changed table
   * @throws dev.rowmill.task.Refusal {@code undo-table-changed} if a script does not fit the table
   *     any more
   * @throws IllegalStateException as {@link #next} does
   */
  public void begin() {
    first = next();
  }

  /**
   * Returns the next part, which is empty if none is ready after a while; null after the last one.
   * Blocks while it queries the database.
   *
   * @throws IllegalStateException if the database can't be read, or the batch has run or its undo
   *     data have been deleted since the first part, so that the parts would be incomplete
   */
  public byte @Nullable [] next() {
    byte[] ready = first;
    first = null;
    if (ready != null || ended) {
      return ready;
    }
    long started = System.nanoTime();
    var out = new ByteArrayOutputStream();
    if (!begun) {
      writer.begin(out);
      begun = true;
    }
    while (!ended && out.size() < SMALL && System.nanoTime() - started < LONGEST_NANOS) {
      Optional<Section> section = take();
      section.ifPresentOrElse(rows -> write(out, rows), () -> end(out));
    }
    return ended && out.size() == 0 ? null : out.toByteArray();
  }

  /** Represents a section of a range that is not read yet. */
  private record Place(long range, RowImage image) {}

  /** Represents rows of a range that are read together. */
  private record Section(long range, ChangedRows rows) {}

  /** Returns the next rows, and begins to read those behind them. Empty after the last ones. */
  private Optional<Section> take() {
    readAhead();
    Optional<Section> section = joined(ahead.remove());
    if (section.isPresent()) {
      readAhead();
    }
    return section;
  }

  private void readAhead() {
    while (ahead.size() < AHEAD) {
      last = last.thenApplyAsync(before -> find(), executor);
      ahead.add(last.thenApplyAsync(found -> found.map(this::read), executor));
    }
  }

  private static Optional<Section> joined(CompletableFuture<Optional<Section>> read) {
    try {
      return read.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private void write(ByteArrayOutputStream out, Section section) {
    ChangedRows rows = section.rows();
    if (!checked) {
      selection.check(rows);
      checked = true;
    }
    if (!rows.rows().isEmpty()) {
      writer.write(out, section.range(), selection.of(rows));
    }
  }

  private void end(ByteArrayOutputStream out) {
    writer.end(out);
    ended = true;
  }

  /** Represents the image of a range. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Range(long id, byte[] image, int undone) {}

  /** Finds the next section; empty after the last one. */
  private Optional<Place> find() {
    if (sections.isDone()) {
      Optional<Range> next = data.query(this::next);
      if (next.isEmpty()) {
        return Optional.empty();
      }
      range = next.get().id();
      sections.open(next.get().image(), next.get().undone());
      if (format == ChangeFormat.SQL) {
        data.query(this::checkTables);
      }
    }
    return Optional.of(new Place(range, sections.next()));
  }

  private Optional<Range> next(Connection connection) throws SQLException {
    Next next = ChunkRecords.next(connection, batch.id(), range, newestFirst);
    if (next.isPurged() || next.status() != batch.status() || next.epoch() != batch.epoch()) {
      throw new IllegalStateException(
          "the changes of batch " + batch.id() + " are no longer complete");
    }
    if (next.id().isEmpty()) {
      return Optional.empty();
    }
    long id = next.id().getAsLong();
    // A script does not restore rows that were restored before.
    int undone = newestFirst ? undone(connection, id) : 0;
    return Optional.of(new Range(id, ChunkRecords.image(connection, id), undone));
  }

  /** Checks all tables of a range before any of its statements is written. */
  private boolean checkTables(Connection connection) throws SQLException {
    for (RowImage image : sections.left()) {
      tables.checkTable(connection, image);
    }
    return true;
  }

  private Section read(Place place) {
    ChangeReader free = readers.poll();
    ChangeReader reader = free == null ? new ChangeReader(format != ChangeFormat.SQL) : free;
    ChangedRows rows = data.query(connection -> reader.read(connection, place.image()));
    readers.add(reader);
    return new Section(place.range(), rows);
  }

  private int undone(Connection connection, long id) throws SQLException {
    return ChunkRecords.find(connection, batch.id(), id)
        .map(ChunkRecords.Undoable::undoneRows)
        .orElse(0);
  }
}
