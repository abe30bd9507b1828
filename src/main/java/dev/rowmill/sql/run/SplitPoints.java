package dev.rowmill.sql.run;

import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.KeyValue;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
    List<List<KeyValue>> found =
        key().columns().get(0).integer() && key().ascends()
            ? byNumber(after, end, parts)
            : byCount(after, end, parts);
    Set<String> splitPoints = new LinkedHashSet<>();
    List<KeyValue> last = key().values(end);
    found.stream()
        .filter(values -> !values.equals(last))
        .forEach(values -> splitPoints.add(key().cursor(values)));
    return List.copyOf(splitPoints);
  }

  private ChunkKey key() {
    return queries.statement().key();
  }

  private List<List<KeyValue>> byNumber(@Nullable String after, String end, int parts)
      throws SQLException {
    Optional<List<KeyValue>> first =
        after == null
            ? reader.key(connection, queries.end(false), List.of())
            : Optional.of(key().values(after));
    if (first.isEmpty()) {
      return List.of();
    }
    BigInteger low = new BigInteger(first.get().get(0).text());
    BigInteger span = new BigInteger(key().values(end).get(0).text()).subtract(low);
    List<List<KeyValue>> found = new ArrayList<>();
    for (int i = 1; i < parts; i++) {
      BigInteger part = span.multiply(BigInteger.valueOf(i)).divide(BigInteger.valueOf(parts));
      reader
          .key(
              connection,
              queries.lastUpTo(after != null),
              key().bound(after, end),
              key().columns().get(0).bound(KeyValue.text(low.add(part).toString())).get(0))
          .ifPresent(found::add);
    }
    return found;
  }

  private List<List<KeyValue>> byCount(@Nullable String after, String end, int parts)
      throws SQLException {
    long rows = reader.number(connection, queries.count(after != null), key().bound(after, end));
    List<List<KeyValue>> found = new ArrayList<>();
    for (int i = 1; i < parts; i++) {
      long offset = rows * i / parts - 1;
      if (offset >= 0) {
        reader.boundary(connection, queries, after, end, offset).ifPresent(found::add);
      }
    }
    return found;
  }
}
