package dev.rowmill.changes;

import dev.rowmill.batch.store.ChunkRecords;
import dev.rowmill.database.DataQueries;
import dev.rowmill.sql.run.ChangeReader;
import dev.rowmill.sql.run.ChangedRows;
import dev.rowmill.task.Refusal;
import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads the changes of one batch part by part, each a range or several small ones. It has no
 * connection, lock or transaction between two parts, so a slow reader holds up nothing. Its memory
 * does not depend on the number of ranges. For one thread at a time.
 */
public final class ChangeStream {

  /** Limits how many bytes are collected before a part is returned. */
  private static final int SMALL = 64 << 10;

  private final DataQueries data;
  private final long batch;
  private final Selection selection;
  private final ChangeFormat format;
  private final ChangeWriter writer;
  private final boolean newestFirst;
  private final ChangeReader reader = new ChangeReader();

  /** Is the range that was read last, or the limit before the first one. */
  private long last;

  private boolean begun;
  private boolean ended;

  ChangeStream(
      DataQueries data,
      long batch,
      Selection selection,
      ChangeFormat format,
      ChangeWriter writer,
      OptionalLong after,
      boolean newestFirst) {
    this.data = data;
    this.batch = batch;
    this.selection = selection;
    this.format = format;
    this.writer = writer;
    this.newestFirst = newestFirst;
    last = after.orElse(newestFirst ? Long.MAX_VALUE : 0);
  }

  /** Returns the media type of the parts together. */
  public String contentType() {
    return format.contentType();
  }

  /**
   * Returns the next part; null after the last one. Blocks while it queries the database.
   *
   * @throws InvalidSelectionException if the selection does not fit the first range
   * @throws Refusal {@code undo-table-changed} if a script does not fit the table any more
   * @throws IllegalStateException if the database can't be read
   */
  public byte @Nullable [] next() {
    if (ended) {
      return null;
    }
    var out = new ByteArrayOutputStream();
    if (!begun) {
      writer.begin(out);
    }
    while (!ended && out.size() < SMALL) {
      Optional<Range> next = data.query(this::read);
      if (next.isEmpty()) {
        writer.end(out);
        ended = true;
        break;
      }
      Range range = next.get();
      if (!begun) {
        range.changes().forEach(selection::check);
        begun = true;
      }
      last = range.id();
      List<ChangedRows> selected =
          range.changes().stream()
              .map(selection::of)
              .filter(rows -> !rows.rows().isEmpty())
              .toList();
      if (!selected.isEmpty()) {
        writer.write(out, range.id(), newestFirst ? reversed(selected) : selected);
      }
    }
    begun = true;
    return out.size() == 0 ? null : out.toByteArray();
  }

  private record Range(long id, List<ChangedRows> changes) {}

  private Optional<Range> read(Connection connection) throws SQLException {
    OptionalLong id =
        newestFirst
            ? ChunkRecords.newestWithImage(connection, batch, last)
            : ChunkRecords.oldestWithImage(connection, batch, last);
    if (id.isEmpty()) {
      return Optional.empty();
    }
    long range = id.getAsLong();
    byte[] image = ChunkRecords.image(connection, range);
    if (format == ChangeFormat.SQL) {
      reader.checkTables(connection, image);
    }
    return Optional.of(
        new Range(range, reader.read(connection, image, format != ChangeFormat.SQL)));
  }

  private static List<ChangedRows> reversed(List<ChangedRows> changes) {
    List<ChangedRows> reversed = new ArrayList<>();
    for (ChangedRows rows : changes) {
      List<ChangedRows.Row> newestFirst = new ArrayList<>(rows.rows());
      Collections.reverse(newestFirst);
      reversed.add(
          0,
          new ChangedRows(rows.change(), rows.table(), rows.keys(), rows.columns(), newestFirst));
    }
    return reversed;
  }
}
