package dev.rowmill.changes;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.store.ChunkRecords;
import dev.rowmill.batch.store.ChunkRecords.Next;
import dev.rowmill.database.DataQueries;
import dev.rowmill.sql.run.ChangeReader;
import dev.rowmill.sql.run.ChangedRows;
import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes the changes of one batch part by part. It has no connection, lock or transaction between
 * two parts, so a slow reader holds up nothing, and its memory does not depend on the number of
 * rows: it holds the image of one range, and a part. For one thread at a time.
 */
public final class ChangeStream {

  /** Limits how many bytes are collected before a part is returned. */
  private static final int SMALL = 64 << 10;

  /** Limits the time that is spent on a part before it is returned, even if it is empty. */
  private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final DataQueries data;
  private final BatchView batch;
  private final Selection selection;
  private final ChangeFormat format;
  private final ChangeWriter writer;
  private final ChangeReader reader;
  private final boolean newestFirst;

  /** Is the id of the range that is being read, or the limit before the first one. */
  private long range;

  private byte @Nullable [] first;
  private boolean begun;
  private boolean checked;
  private boolean ended;

  /**
   * @param after only ranges with higher ids; empty for all
   * @param newestFirst whether the last range comes first
   */
  ChangeStream(
      DataQueries data,
      BatchView batch,
      Selection selection,
      ChangeFormat format,
      ChangeWriter writer,
      ChangeReader reader,
      OptionalLong after,
      boolean newestFirst) {
    this.data = data;
    this.batch = batch;
    this.selection = selection;
    this.format = format;
    this.writer = writer;
    this.reader = reader;
    this.newestFirst = newestFirst;
    range = after.orElse(newestFirst ? Long.MAX_VALUE : 0);
  }

  /** Returns the media type of the parts together. */
  public String contentType() {
    return format.contentType();
  }

  /**
   * Reads the first part, which {@link #next} then returns.
   *
   * @throws InvalidSelectionException if the selection does not fit the changed table
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
      Optional<ChangedRows> read = data.query(this::read);
      read.ifPresentOrElse(rows -> write(out, rows), () -> end(out));
    }
    return ended && out.size() == 0 ? null : out.toByteArray();
  }

  private void write(ByteArrayOutputStream out, ChangedRows rows) {
    if (!checked) {
      selection.check(rows);
      checked = true;
    }
    if (!rows.rows().isEmpty()) {
      writer.write(out, range, selection.of(rows));
    }
  }

  private void end(ByteArrayOutputStream out) {
    writer.end(out);
    ended = true;
  }

  /** Returns the next rows; empty after the last ones. */
  private Optional<ChangedRows> read(Connection connection) throws SQLException {
    if (reader.isDone()) {
      Next next = ChunkRecords.next(connection, batch.id(), range, newestFirst);
      if (next.isPurged() || next.status() != batch.status() || next.epoch() != batch.epoch()) {
        throw new IllegalStateException(
            "the changes of batch " + batch.id() + " are no longer complete");
      }
      if (next.id().isEmpty()) {
        return Optional.empty();
      }
      long id = next.id().getAsLong();
      reader.open(ChunkRecords.image(connection, id));
      range = id;
    }
    return Optional.of(reader.next(connection));
  }
}
