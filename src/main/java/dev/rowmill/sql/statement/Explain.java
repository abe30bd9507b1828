package dev.rowmill.sql.statement;

import com.mysql.cj.jdbc.JdbcConnection;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.statement.ChunkQueries.RangeQuery;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Holds the server's estimate for a query on one table.
 *
 * @param rows number of rows that it would read
 * @param index index that it would use, in the format of FORCE INDEX without the parentheses; null
 *     if it would scan the table or a whole index
 * @param nothing whether the server can exclude any match without reading a row
 */
public record Explain(long rows, @Nullable String index, boolean nothing) {

  private static final Set<String> QUERIES = Set.of("SIMPLE", "PRIMARY", "UNION");

  private static final List<String> NOTHING = List.of("Impossible WHERE", "no matching row");

  private static final int COLUMNS_WITHOUT_FILTERED = 10;

  private static final Set<String> BY_WHOLE = Set.of("ALL", "index");

  public static Explain of(Connection connection, RangeQuery query) throws SQLException {
    return each(connection, List.of(query)).get(0);
  }

  /** Returns the plans of several queries, read with one EXPLAIN. */
  public static List<Explain> each(Connection connection, List<RangeQuery> queries)
      throws SQLException {
    String sql = queries.stream().map(RangeQuery::sql).collect(Collectors.joining(" UNION ALL "));
    List<BoundText.Value> values =
        queries.stream().flatMap(query -> query.before().stream()).toList();
    Optional<List<Explain>> together;
    try (PreparedStatement explain = explain(connection, sql, values);
        ResultSet row = explain.executeQuery()) {
      together = plans(row, queries.size());
    }
    if (together.isPresent()) {
      return together.get();
    }
    // A subquery of several SELECTs has lines that resemble those of the queries themselves.
    List<Explain> plans = new ArrayList<>();
    for (RangeQuery query : queries) {
      plans.add(first(connection, query));
    }
    return plans;
  }

  /** Returns the plan of the query itself, without its subqueries. */
  private static Explain first(Connection connection, RangeQuery query) throws SQLException {
    try (PreparedStatement explain = explain(connection, query.sql(), query.before());
        ResultSet row = explain.executeQuery()) {
      if (!row.next()) {
        throw new SQLException("The server explained nothing of " + query.sql());
      }
      long id = row.getLong("id");
      Explain plan = plan(row);
      while (row.next()) {
        if (row.getLong("id") == id) {
          plan = new Explain(plan.rows, null, false);
        }
      }
      return plan;
    }
  }

  /**
   * Prepares an EXPLAIN with the values in its text, since not every server prepares an EXPLAIN.
   */
  private static PreparedStatement explain(
      Connection connection, String sql, List<BoundText.Value> values) throws SQLException {
    PreparedStatement explain =
        connection
            .unwrap(JdbcConnection.class)
            .clientPrepareStatement(
                "EXPLAIN " + RunStatements.ANONYMOUS + " FORMAT=TRADITIONAL " + sql);
    BoundText.bind(explain, values);
    return explain;
  }

  /** Returns the server's own table of a plan, for any statement that it can explain. */
  public static List<Map<String, @Nullable Object>> table(
      Connection connection, String sql, List<BoundText.Value> values) throws SQLException {
    try (PreparedStatement explain = explain(connection, sql, values)) {
      List<Map<String, @Nullable Object>> table = new ArrayList<>();
      try (ResultSet row = explain.executeQuery()) {
        boolean filtered = row.getMetaData().getColumnCount() > COLUMNS_WITHOUT_FILTERED;
        while (row.next()) {
          Map<String, @Nullable Object> line = new LinkedHashMap<>();
          line.put("id", row.getObject("id", Long.class));
          line.put("selectType", row.getString("select_type"));
          line.put("table", row.getString("table"));
          line.put("type", row.getString("type"));
          line.put("possibleKeys", row.getString("possible_keys"));
          line.put("key", row.getString("key"));
          line.put("keyLength", row.getString("key_len"));
          line.put("ref", row.getString("ref"));
          String rows = row.getString("rows");
          line.put("rows", rows == null ? null : Long.valueOf(rows(rows)));
          // Only MySQL reports the share of rows that the condition leaves.
          line.put("filtered", filtered ? row.getObject("filtered", Double.class) : null);
          line.put("extra", row.getString("Extra"));
          table.add(line);
        }
      }
      return table;
    }
  }

  private static Optional<List<Explain>> plans(ResultSet row, int queries) throws SQLException {
    Map<Long, Explain> plans = new LinkedHashMap<>();
    while (row.next()) {
      // The other lines belong to subqueries, and to the union itself.
      if (QUERIES.contains(String.valueOf(row.getString("select_type")))) {
        Explain plan = plan(row);
        // A subquery that became a join has several lines, and none of them has the number of rows.
        plans.merge(row.getLong("id"), plan, (one, another) -> new Explain(one.rows, null, false));
      }
    }
    return plans.size() == queries ? Optional.of(List.copyOf(plans.values())) : Optional.empty();
  }

  private static Explain plan(ResultSet row) throws SQLException {
    String keys = row.getString("key");
    String type = row.getString("type");
    String extra = String.valueOf(row.getString("Extra"));
    boolean found = keys != null && type != null && !BY_WHOLE.contains(type);
    return new Explain(
        rows(row.getString("rows")),
        found ? quoted(keys) : null,
        row.getString("table") == null && NOTHING.stream().anyMatch(extra::startsWith));
  }

  /** Returns the number of rows; MariaDB appends the share that a filter leaves in parentheses. */
  private static long rows(@Nullable String text) {
    return text == null ? 0 : Long.parseLong(text.split(" ", 2)[0]);
  }

  /**
   * Returns the quoted indexes. An index merge names several; after a bar MariaDB names one that it
   * only filters with.
   */
  private static String quoted(String keys) {
    return Stream.of(keys.split("\\|", 2)[0].split(","))
        .map(TableName::quoted)
        .collect(Collectors.joining(", "));
  }
}
