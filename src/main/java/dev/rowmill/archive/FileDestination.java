package dev.rowmill.archive;

import dev.rowmill.archive.ArchiveParameters.Files;
import dev.rowmill.export.ExportTarget;
import dev.rowmill.export.ExportTargets;
import dev.rowmill.sql.run.WholeRows;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.StatementTag;
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

  FileDestination(Files files, ExportTargets targets, List<MovedTable> moved) {
    this.files = files;
    this.targets = targets;
    for (MovedTable table : moved) {
      tables.put(table, new WholeRows(table.columns()));
    }
  }

  @Override
  public Copies begin(Connection connection, Chunk chunk, StatementTag tag) throws SQLException {
    return new FileCopies(connection, chunk, tag, target(tag.batch()), files.fileFormat(), tables);
  }

  private ExportTarget target(long batch) throws SQLException {
    ExportTarget open = target;
    if (open == null) {
      open = targets.open(files.place(), batch);
      target = open;
    }
    return open;
  }
}
