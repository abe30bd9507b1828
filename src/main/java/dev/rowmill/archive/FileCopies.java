package dev.rowmill.archive;

import dev.rowmill.export.ExportTarget;
import dev.rowmill.export.PartFile;
import dev.rowmill.files.ExactRows;
import dev.rowmill.files.FileFormat;
import dev.rowmill.sql.run.WholeRows;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.StatementTag;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Copies rows to files, one of each table. They are durable before their chunk is committed. */
final class FileCopies implements Copies {

  private final Connection connection;
  private final Chunk chunk;
  private final StatementTag tag;
  private final ExportTarget target;
  private final FileFormat format;
  private final Map<MovedTable, WholeRows> tables;
  private final Map<MovedTable, PartFile> parts = new LinkedHashMap<>();

  /**
   * @param tables readers of the rows of all tables
   */
  FileCopies(
      Connection connection,
      Chunk chunk,
      StatementTag tag,
      ExportTarget target,
      FileFormat format,
      Map<MovedTable, WholeRows> tables) {
    this.connection = connection;
    this.chunk = chunk;
    this.tag = tag;
    this.target = target;
    this.format = format;
    this.tables = tables;
  }

  private WholeRows rows(MovedTable table) {
    return Objects.requireNonNull(tables.get(table));
  }

  @Override
  public String copying(MovedTable table, String qualifier) {
    return rows(table).select(qualifier);
  }

  @Override
  public long copy(MovedTable table, PreparedStatement copying) throws SQLException {
    try {
      WholeRows rows = rows(table);
      ExactRows exact = ExactRows.to(format, rows.columns());
      PartFile part = parts.get(table);
      if (part == null) {
        part = new PartFile(target, format, exact.columns());
        parts.put(table, part);
      }
      PartFile open = part;
      return rows.read(copying, (row, texts) -> open.write(exact.toFile(row, texts)));
    } catch (IOException e) {
      throw target.failure(e);
    }
  }

  @Override
  public void complete() throws SQLException {
    try {
      for (Map.Entry<MovedTable, PartFile> part : parts.entrySet()) {
        part.getValue().publish(connection, tag, chunk, part.getKey().from());
      }
    } catch (IOException e) {
      throw target.failure(e);
    }
  }

  @Override
  public void close() throws SQLException {
    try {
      for (PartFile part : parts.values()) {
        part.close();
      }
    } catch (IOException e) {
      throw target.failure(e);
    }
  }
}
