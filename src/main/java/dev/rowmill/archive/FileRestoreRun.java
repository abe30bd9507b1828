package dev.rowmill.archive;

import dev.rowmill.archive.ArchivedParts.Part;
import dev.rowmill.export.ExportTarget;
import dev.rowmill.export.ExportedPart;
import dev.rowmill.files.BrokenFileException;
import dev.rowmill.files.ExactRows;
import dev.rowmill.files.FileFormat;
import dev.rowmill.sql.run.ImageColumn;
import dev.rowmill.sql.run.ReturnedRows;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Division;
import dev.rowmill.task.Extent;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import dev.rowmill.task.RowIsolation;
import dev.rowmill.task.RowKey;
import dev.rowmill.task.SideReader;
import dev.rowmill.task.StatementTag;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Inserts the rows of an archive's files again. A cursor is the number of a row, counted through
 * all files, and a chunk is of one file. Each file is verified before a row of it is inserted.
 */
final class FileRestoreRun implements ChunkedRun {

  /** Limits the bytes of a chunk, as they are in the file. */
  private static final long MOST_BYTES = 4L << 20;

  private final ArchivedParts parts;
  private final ExportTarget target;
  private final FileFormat format;
  private final Map<String, ReturnedTable> tables;

  private @Nullable StatementTag tag;
  private @Nullable OpenPart open;
  private List<LeftRow> left = List.of();

  /**
   * @param tables tables by the names that the parts have
   */
  FileRestoreRun(
      ArchivedParts parts,
      ExportTarget target,
      FileFormat format,
      Map<String, ReturnedTable> tables) {
    this.parts = parts;
    this.target = target;
    this.format = format;
    this.tables = tables;
  }

  @Override
  public void mark(StatementTag mark) {
    tag = mark;
  }

  @Override
  public Optional<String> sizeKey() {
    return tables.values().stream().findFirst().map(table -> "restore " + table.name().written());
  }

  @Override
  public Optional<Extent> extent(Connection connection) {
    long rows = parts.rows();
    return rows == 0
        ? Optional.empty()
        : Optional.of(new Extent(Long.toString(rows), OptionalLong.of(rows)));
  }

  @Override
  public Chunk next(Connection connection, @Nullable String after, String end, int rows) {
    long from = number(after);
    Part part = parts.of(from + 1);
    long most = Math.max(1, MOST_BYTES / (part.file().bytes() / part.file().rows() + 1));
    long upTo = Math.min(Math.min(part.last(), Long.parseLong(end)), from + Math.min(rows, most));
    return new Chunk(after, Long.toString(upTo), upTo - from);
  }

  private static long number(@Nullable String cursor) {
    return cursor == null ? 0 : Long.parseLong(cursor);
  }

  /**
   * {@inheritDoc} They are between the files of two chunks of the archive, so that the rows which
   * others refer to are inserted by the same lane, before them.
   */
  @Override
  public List<String> splitPoints(
      Connection connection, @Nullable String after, String end, int count) {
    long from = number(after);
    long last = Long.parseLong(end);
    List<String> points = new ArrayList<>();
    long wanted = from + (last - from) / count;
    for (Part part : parts.all()) {
      long before = part.first() - 1;
      if (part.beginsChunk() && before > from && before < last && before >= wanted) {
        points.add(Long.toString(before));
        wanted = before + Math.max(1, (last - from) / count);
      }
    }
    return points.size() < count ? points : points.subList(0, count - 1);
  }

  @Override
  public List<LeftRow> leftRows() {
    return left;
  }

  @Override
  public long apply(Connection connection, Chunk chunk) throws SQLException {
    return insert(connection, chunk).changed();
  }

  @Override
  public Optional<Refusal> undoRefusal(Connection connection, boolean secret) throws SQLException {
    for (ReturnedTable table : tables.values()) {
      Optional<Refusal> refused = table.undoRefusal(connection);
      if (refused.isPresent()) {
        return refused;
      }
    }
    return Optional.empty();
  }

  @Override
  public ChunkResult applyAndCapture(Connection connection, Chunk chunk, SideReader sideReader)
      throws SQLException {
    return insert(connection, chunk);
  }

  private ChunkResult insert(Connection connection, Chunk chunk) throws SQLException {
    long from = number(chunk.after());
    Part part = parts.of(from + 1);
    OpenPart file = opened(part);
    List<byte[] @Nullable []> rows = read(file, part, chunk);
    ReturnedRows.Returned returned = file.returned().insert(connection, rows);
    left =
        returned.taken().stream()
            .map(
                index ->
                    new LeftRow(
                        new RowKey(
                            Long.toString(from + 1 + index),
                            file.returned().shownKey(rows.get(index))),
                        "another row has this key"))
            .toList();
    return returned.result();
  }

  private List<byte[] @Nullable []> read(OpenPart file, Part part, Chunk chunk)
      throws SQLException {
    long from = number(chunk.after());
    try {
      return file.read(from - part.first() + 1, Math.toIntExact(number(chunk.upTo()) - from));
    } catch (BrokenFileException e) {
      throw VerifiedPart.unreadable(part.file(), e);
    } catch (IOException e) {
      // The next try copies and verifies the file again.
      close();
      throw target.failure(e);
    }
  }

  private OpenPart opened(Part part) throws SQLException {
    OpenPart known = open;
    if (known != null && known.file().part().equals(part.file())) {
      return known;
    }
    close();
    ReturnedTable table = Objects.requireNonNull(tables.get(part.file().table()));
    VerifiedPart file = VerifiedPart.open(part.file(), format, target);
    try {
      return opened(file, table);
    } finally {
      if (open == null) {
        file.close();
      }
    }
  }

  private OpenPart opened(VerifiedPart file, ReturnedTable table) {
    List<ImageColumn> columns = table.columns(file.columns());
    ExactRows rows = ExactRows.from(columns);
    if (!ExportedPart.digest(rows.columns()).equals(file.part().columns())) {
      throw ReturnedTable.impossible(
          List.of(Reason.of("restore-altered", "table", table.name().written())));
    }
    var returned = ReturnedRows.of(table.name(), table.key(), columns);
    returned.mark(Objects.requireNonNull(tag));
    var opened = new OpenPart(file, rows, returned);
    open = opened;
    return opened;
  }

  /** Deletes the copy of the last file. */
  @Override
  public void close() {
    if (open != null) {
      open.file().close();
      open = null;
    }
  }

  @Override
  public RowIsolation isolation() {
    RowIsolation halves = RowIsolation.byHalves(this);
    return new RowIsolation() {
      @Override
      public List<Chunk> parts(Connection connection, Chunk chunk, int rows) throws SQLException {
        return halves.parts(connection, chunk, rows);
      }

      @Override
      public Division divide(Connection connection, Chunk failed) throws SQLException {
        return failed.rows() > 1
            ? halves.divide(connection, failed)
            : Division.ofOne(failed, key(failed));
      }
    };
  }

  private RowKey key(Chunk ofOneRow) throws SQLException {
    Part part = parts.of(number(ofOneRow.upTo()));
    OpenPart file = opened(part);
    return new RowKey(ofOneRow.upTo(), file.returned().shownKey(read(file, part, ofOneRow).get(0)));
  }
}
