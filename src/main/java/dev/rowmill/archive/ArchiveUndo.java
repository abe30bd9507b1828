package dev.rowmill.archive;

import dev.rowmill.sql.SqlTask;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.ImageLayout;
import dev.rowmill.sql.run.MovedRows;
import dev.rowmill.sql.run.UndoRefusal;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.statement.SqlParameters;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds how the rows of an archive can be moved back. For one thread. */
final class ArchiveUndo {

  /** Names the reason that does not hold here: all rows that a deletion reaches are moved first. */
  private static final String CASCADE = "undo-cascade";

  private final SqlTask sql;
  private final String project;
  private final Connection connection;

  /**
   * Holds the result.
   *
   * @param refused why no undo data can be stored; empty if they can
   * @param rows rows of each table
   */
  record Undo(Optional<Refusal> refused, List<MovedRows> rows) {}

  ArchiveUndo(SqlTask sql, String project, Connection connection) {
    this.sql = sql;
    this.project = project;
    this.connection = connection;
  }

  /** Returns why no undo data can be stored; empty if they can. */
  Optional<Refusal> refusal(ChunkableStatement statement, List<MovedTable> tables)
      throws SQLException {
    return read(statement, tables).refused();
  }

  /**
   * Returns how the rows are read.
   *
   * @param statement the statement that deletes the rows of the first table
   */
  Undo read(ChunkableStatement statement, List<MovedTable> tables) throws SQLException {
    var catalog = new Catalog(connection);
    Set<Reason> reasons = new LinkedHashSet<>();
    List<MovedRows> all = new ArrayList<>();
    for (MovedTable table : tables) {
      ChunkableStatement delete = table.by() == null ? statement : delete(table);
      UndoRefusal.of(connection, delete).map(Refusal::reasons).orElse(List.of()).stream()
          .filter(reason -> !reason.code().equals(CASCADE))
          .forEach(reasons::add);
      if (delete.rowKey() == null) {
        continue;
      }
      var rows = new MovedRows(ImageLayout.of(connection, delete), table.to());
      all.add(rows);
      TableName to = table.to();
      if (to != null && catalog.kind(to).isPresent() && !rows.canComeBack(catalog)) {
        reasons.add(
            new Reason(
                "undo-archive", Map.of("table", to.written(), "source", table.from().written())));
      }
    }
    return new Undo(
        reasons.isEmpty()
            ? Optional.empty()
            : Optional.of(new Refusal("undo-impossible", Map.of(), List.copyOf(reasons))),
        all);
  }

  private ChunkableStatement delete(MovedTable child) throws SQLException {
    return sql.compile(
        new SqlParameters("DELETE FROM " + child.from().quoted(), null, null), project, connection);
  }
}
