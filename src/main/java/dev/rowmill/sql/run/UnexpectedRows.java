package dev.rowmill.sql.run;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.sql.run.FileChange.Pair;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.ChunkedRun.LeftRow;
import dev.rowmill.task.RowKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Finds the lines of a file whose row is not as the file expects it. For one thread at a time. */
record UnexpectedRows(FileChange change, RunStatements statements) {

  /**
   * Returns the lines of a range; their rows must be locked.
   *
   * @param keys key of the rows; empty if none are changed yet
   * @param changed rows that the chunk has changed, which were as expected
   */
  List<LeftRow> read(
      Connection connection, List<BoundText.Value> range, List<ImageColumn> keys, KeyedRows changed)
      throws SQLException {
    if (change.expect().isEmpty()) {
      return List.of();
    }
    List<LeftRow> found = new ArrayList<>();
    List<ImageColumn> shown = change.matchColumns();
    PreparedStatement query =
        statements.bound(
            connection,
            change.unexpected(Stream.concat(keys.stream(), shown.stream()).toList()),
            range);
    try (ResultSet row = query.executeQuery()) {
      while (row.next()) {
        int column = 2 + change.expect().size();
        byte[][] key = new byte[keys.size()][];
        for (int i = 0; i < key.length; i++) {
          key[i] = keys.get(i).read(row, column);
          column += keys.get(i).width();
        }
        if (changed.size() > 0 && changed.find(key, 0) != null) {
          continue;
        }
        String line = row.getString(1);
        ObjectNode json = JsonNodeFactory.instance.objectNode().put(FileChange.LINE, line);
        for (ImageColumn part : shown) {
          json.put(part.name(), part.shown(part.read(row, column)));
          column += part.width();
        }
        found.add(new LeftRow(new RowKey(line, json.toString()), reason(row)));
      }
    }
    return found;
  }

  private String reason(ResultSet row) throws SQLException {
    List<String> different = new ArrayList<>();
    for (int i = 0; i < change.expect().size(); i++) {
      Pair pair = change.expect().get(i);
      if (!row.getBoolean(2 + i)) {
        different.add(pair.column().name());
      }
    }
    return "not as the file expects: " + String.join(", ", different);
  }
}
