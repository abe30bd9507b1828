package dev.rowmill.export;

import dev.rowmill.sql.run.SelectRun;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Extent;
import dev.rowmill.task.Refusal.Reason;
import dev.rowmill.task.StatementTag;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes the rows of each chunk to a file of its own, before the chunk is committed. */
final class ExportRun implements ChunkedRun {

  private final ExportParameters parameters;
  private final ExportTargets targets;
  private final SelectRun rows;
  private @Nullable StatementTag mark;
  private @Nullable ExportTarget target;

  /** Stores whether the columns were compared with those of earlier runs. */
  private boolean compared;

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
    StatementTag tag = Objects.requireNonNull(mark);
    ExportTarget to = target();
    try (var part = new PartFile(to, parameters.fileFormat(), rows.columns())) {
      long count = rows.read(connection, chunk, part::write);
      if (rows.isAltered(connection)) {
        throw ExportManifests.incomplete(Reason.of("export-altered", "table", rows.table()));
      }
      if (!compared) {
        ExportedPart.checkColumns(connection, tag.batch(), rows.columns(), rows.table());
        compared = true;
      }
      part.lose(rows.brokenTexts());
      part.publish(connection, tag, chunk, null);
      return count;
    } catch (IOException e) {
      throw to.failure(e);
    }
  }

  private ExportTarget target() throws SQLException {
    if (target == null) {
      target = targets.open(parameters.to(), Objects.requireNonNull(mark).batch());
    }
    return target;
  }
}
