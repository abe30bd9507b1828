package dev.rowmill.sql;

import com.mysql.cj.jdbc.JdbcConnection;
import dev.rowmill.sql.ChunkQueries.RangeQuery;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How the server would go about a query on one table, by its own estimate.
 *
 * @param rows that it would look at
 * @param index that it would find them by, as it goes between the parentheses of FORCE INDEX; null
 *     where it would go through the table or through a whole index
 */
record Explain(long rows, @Nullable String index) {

  private static final Set<String> BY_WHOLE = Set.of("ALL", "index");

  static Explain of(Connection connection, RangeQuery query) throws SQLException {
    // With its values in the text, since not every server prepares an EXPLAIN.
    try (PreparedStatement explain =
        connection
            .unwrap(JdbcConnection.class)
            .clientPrepareStatement("EXPLAIN FORMAT=TRADITIONAL " + query.sql())) {
      List<BoundText.Value> values = query.before();
      for (int i = 0; i < values.size(); i++) {
        values.get(i).bind(explain, i + 1);
      }
      try (ResultSet row = explain.executeQuery()) {
        // Later rows are those of subqueries.
        if (!row.next()) {
          return new Explain(0, null);
        }
        String keys = row.getString("key");
        String type = row.getString("type");
        boolean found = keys != null && type != null && !BY_WHOLE.contains(type);
        return new Explain(rows(row.getString("rows")), found ? quoted(keys) : null);
      }
    }
  }

  /** MariaDB adds in parentheses what share of them a filter lets through. */
  private static long rows(@Nullable String text) {
    return text == null ? 0 : Long.parseLong(text.split(" ", 2)[0]);
  }

  /** An index merge names several; behind a bar MariaDB names one that it only filters with. */
  private static String quoted(String keys) {
    return Stream.of(keys.split("\\|", 2)[0].split(","))
        .map(TableName::quoted)
        .collect(Collectors.joining(", "));
  }
}
