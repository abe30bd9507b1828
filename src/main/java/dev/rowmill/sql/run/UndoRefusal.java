package dev.rowmill.sql.run;

import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.ParsedStatement.Kind;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the reasons why no undo data can be stored for a statement. Stateless. */
public final class UndoRefusal {

  private UndoRefusal() {}

  /** Returns the refusal of an undo; empty if an undo is possible. */
  public static Optional<Refusal> of(Connection connection, ChunkableStatement statement)
      throws SQLException {
    List<Reason> reasons = ofText(statement);
    return reasons.isEmpty()
        ? Optional.ofNullable(ImageLayout.of(connection, statement).refused())
        : Optional.of(new Refusal("undo-impossible", Map.of(), reasons));
  }

  private static List<Reason> ofText(ChunkableStatement statement) {
    ParsedStatement parsed = statement.parsed();
    List<Reason> reasons = new ArrayList<>();
    if (parsed.kind() == Kind.REPLACE || !parsed.onDuplicate().isEmpty()) {
      reasons.add(Reason.of("undo-replaces", "table", statement.target().written()));
    } else if (statement.assigned().contains(ImageLayout.DOC_ID)) {
      reasons.add(Reason.of("undo-document-id"));
    } else if (statement.changesView()) {
      reasons.add(Reason.of("undo-view", "table", statement.target().written()));
    } else if (!parsed.kind().inserts()) {
      ChunkKey key = statement.rowKey();
      if (key == null) {
        reasons.add(Reason.of("undo-no-key", "table", statement.target().written()));
      } else if (statement.changesKey(key)) {
        reasons.add(Reason.of("undo-key-changes", "key", key.index()));
      }
    }
    return reasons;
  }
}
