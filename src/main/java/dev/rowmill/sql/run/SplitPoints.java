package dev.rowmill.sql.run;

import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.KeyColumn;
import dev.rowmill.sql.table.KeyValue;
import dev.rowmill.sql.value.BoundText;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Divides a range of the walked key into parts. */
record SplitPoints(Connection connection, ChunkQueries queries, KeyReader reader) {

  /**
   * Returns the cursors between the parts, fewer if the range has too few rows.
   *
   * @param after begin of the range, exclusive; null at the start of the walk
   * @param end end of the range, inclusive
   */
  List<String> find(@Nullable String after, String end, int parts) throws SQLException {
    List<String> byValue = key().ascends() ? byValue(after, end, parts) : List.of();
    return byValue.isEmpty() ? byCount(after, end, parts) : byValue;
  }

  private ChunkKey key() {
    return queries.statement().key();
  }

  /** Searches the rows next to estimated values, which costs one index lookup each. */
  private List<String> byValue(@Nullable String after, String end, int parts) throws SQLException {
    List<KeyValue> low =
        after == null
            ? reader.key(connection, queries.end(false), List.of()).orElse(List.of())
            : key().values(after);
    List<KeyValue> high = key().values(end);
    int different = 0;
    while (different < low.size() && low.get(different).equals(high.get(different))) {
      different++;
    }
    if (different == low.size()) {
      return List.of();
    }
    KeyColumn column = key().columns().get(different);
    List<String> found = new ArrayList<>();
    for (int part = 1; part < parts; part++) {
      Optional<KeyValue> estimate =
          column.between(low.get(different), high.get(different), part, parts);
      if (estimate.isPresent()) {
        // Only behind the previous point: a collation may order estimates of texts otherwise.
        String from = found.isEmpty() ? after : found.get(found.size() - 1);
        BoundText query = queries.lastUpTo(from, end, high.subList(0, different), estimate.get());
        add(found, reader.key(connection, query.sql(), query.values()), high);
      }
    }
    return found;
  }

  private List<String> byCount(@Nullable String after, String end, int parts) throws SQLException {
    long rows = reader.number(connection, queries.count(after != null), key().bound(after, end));
    List<String> found = new ArrayList<>();
    for (int part = 1; part < parts; part++) {
      long offset = rows * part / parts - 1;
      if (offset >= 0) {
        add(found, reader.boundary(connection, queries, after, end, offset), key().values(end));
      }
    }
    return found;
  }

  /** Adds the cursor of a row, unless the row ends the range or its cursor is already there. */
  private void add(List<String> cursors, Optional<List<KeyValue>> row, List<KeyValue> last) {
    row.filter(values -> !values.equals(last))
        .map(key()::cursor)
        .filter(cursor -> !cursors.contains(cursor))
        .ifPresent(cursors::add);
  }
}
