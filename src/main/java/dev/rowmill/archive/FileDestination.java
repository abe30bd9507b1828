package dev.rowmill.archive;

import dev.rowmill.archive.ArchiveParameters.Files;
import dev.rowmill.export.ExportTarget;
import dev.rowmill.export.ExportTargets;
import dev.rowmill.sql.run.WholeRows;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.StatementTag;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Begins the files of each chunk of a run. For one thread at a time. */
final class FileDestination implements Copies.Destination {

  private final Files files;
  private final ExportTargets targets;
  private final Map<MovedTable, WholeRows> tables = new LinkedHashMap<>();
  private @Nullable ExportTarget target;

  FileDestination(Files files, ExportTargets targets, List<MovedTable> moved, Connection connection)
      throws SQLException {
    this.files = files;
    this.targets = targets;
    for (MovedTable table : moved) {
      tables.put(table, WholeRows.of(table.from(), connection));
    }
  }

  @Override
  public Copies begin(Connection connection, Chunk chunk, StatementTag tag) {
    return new FileCopies(connection, chunk, tag, target(tag.batch()), files.fileFormat(), tables);
  }

  private ExportTarget target(long batch) {
    ExportTarget open = target;
    if (open == null) {
      try {
        open = targets.open(files.place(), batch);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      target = open;
    }
    return open;
  }
}
