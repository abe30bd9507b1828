package dev.rowmill.export;

import dev.rowmill.database.Digests;
import dev.rowmill.files.FileFormat;
import dev.rowmill.files.RowWriter;
import dev.rowmill.sql.run.SelectRun;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Extent;
import dev.rowmill.task.Refusal.Reason;
import dev.rowmill.task.StatementTag;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Writes the rows of each chunk to a file of its own, before the chunk is committed. */
final class ExportRun implements ChunkedRun {

  private static final int BUFFER = 64 << 10;
  private static final int ATTEMPT_CHARACTERS = 8;

  private final ExportParameters parameters;
  private final ExportTargets targets;
  private final SelectRun rows;
  private @Nullable StatementTag mark;
  private @Nullable ExportTarget target;

  ExportRun(ExportParameters parameters, ExportTargets targets, SelectRun rows) {
    this.parameters = parameters;
    this.targets = targets;
    this.rows = rows;
  }

  @Override
  public void mark(StatementTag tag) {
    mark = tag;
    rows.mark(tag);
  }

  @Override
  public Optional<Extent> extent(Connection connection) throws SQLException {
    return rows.walk().extent(connection);
  }

  @Override
  public Chunk next(Connection connection, @Nullable String after, String end, int most)
      throws SQLException {
    return rows.walk().next(connection, after, end, most);
  }

  @Override
  public List<String> splitPoints(
      Connection connection, @Nullable String after, String end, int parts) throws SQLException {
    return rows.walk().splitPoints(connection, after, end, parts);
  }

  @Override
  public Optional<ChunkedRun> lookAheadRun() {
    return rows.walk().lookAheadRun();
  }

  @Override
  public Optional<String> sizeKey() {
    return rows.walk().sizeKey().map(table -> "export " + table);
  }

  /**
   * {@inheritDoc}
   *
   * @return how many rows it wrote
   */
  @Override
  public long apply(Connection connection, Chunk chunk) throws SQLException {
    try {
      Path written = target().temporary();
      try {
        return apply(connection, chunk, written);
      } finally {
        Files.deleteIfExists(written);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long apply(Connection connection, Chunk chunk, Path written)
      throws SQLException, IOException {
    StatementTag tag = Objects.requireNonNull(mark);
    FileFormat format = parameters.fileFormat();
    MessageDigest digest = Digests.sha256();
    long count;
    long lost;
    try (OutputStream file =
        new BufferedOutputStream(
            new DigestOutputStream(Files.newOutputStream(written), digest), BUFFER)) {
      RowWriter writer = format.open(file, rows.columns());
      count = rows.read(connection, chunk, writer::write);
      if (rows.isAltered(connection)) {
        throw ExportManifests.incomplete(Reason.of("export-altered", "table", rows.table()));
      }
      writer.finish();
      lost = writer.lostValues();
    }
    if (count > 0) {
      String attempt = UUID.randomUUID().toString().substring(0, ATTEMPT_CHARACTERS);
      String name = ExportedPart.name(tag.lane(), chunk, attempt, format.text());
      long bytes = Files.size(written);
      target().publish(written, name);
      new ExportedPart(
              name,
              tag.lane(),
              chunk.after(),
              chunk.upTo(),
              count,
              bytes,
              HexFormat.of().formatHex(digest.digest()),
              lost)
          .add(connection, tag.batch());
    }
    return count;
  }

  private ExportTarget target() throws IOException {
    if (target == null) {
      target = targets.open(parameters.to(), Objects.requireNonNull(mark).batch());
    }
    return target;
  }
}
