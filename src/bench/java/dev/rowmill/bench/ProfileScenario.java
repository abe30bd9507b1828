package dev.rowmill.bench;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Shows where the server's time of a batch with undo data goes, by kind of statement, beside the
 * plain statement. Reads MySQL's {@code performance_schema}; MariaDB's has no text of executed
 * prepared statements.
 */
final class ProfileScenario implements Scenario {

  private static final Map<String, TableShape> SHAPES = new LinkedHashMap<>();

  static {
    SHAPES.put("BIGINT", TableShape.NUMBER_KEY);
    SHAPES.put("BINARY(16)", TableShape.BYTES_KEY);
    SHAPES.put("(VARCHAR, BIGINT)", TableShape.TEXT_KEY);
    SHAPES.put("7 of 20 columns", TableShape.WIDE);
  }

  private static final int CHUNK = 5000;

  private static final String BY_PART =
      """
      SELECT CASE
          WHEN digest_text LIKE '%%GROUP_CONCAT%%' THEN 'locked read'
          WHEN digest_text LIKE '%%UPDATE `%1$s` . `%2$s`%%' THEN 'UPDATE'
          WHEN digest_text LIKE '%%FROM `%1$s` . `%2$s`%%' THEN 'search for the end, in parallel'
          WHEN digest_text LIKE '%%INSERT INTO `chunk_record`%%' THEN 'INSERT of the old values'
          WHEN digest_text = 'COMMIT' THEN 'commit'
          ELSE 'others' END part,
        SUM(sum_timer_wait) / 1e6 micros
      FROM performance_schema.events_statements_summary_by_digest
      WHERE digest_text NOT LIKE '%%performance_schema%%'
      GROUP BY part ORDER BY micros DESC
      """;

  @Override
  public String name() {
    return "profile";
  }

  @Override
  public void run(Bench bench) throws Exception {
    Settings settings = bench.settings();
    try (BenchSite site = BenchSite.open(bench)) {
      if (bench.database().version().contains("MariaDB")) {
        throw new SkippedException("MariaDB does not tell the text of prepared statements");
      }
      Rounds rounds = new Rounds(settings);
      for (Map.Entry<String, TableShape> shape : SHAPES.entrySet()) {
        String table = "profile_" + shape.getValue().name().toLowerCase();
        add(
            rounds,
            shape.getKey(),
            table,
            site,
            site.change(table, settings.rows(), shape.getValue()));
      }
      bench.report().add(rounds.run(this, "server's time a row of a batch with undo data"));
    }
  }

  private static void add(
      Rounds rounds, String shape, String table, BenchSite site, WholeTableChange change) {
    String plain = shape + ", " + WholeTableChange.PLAIN;
    Metric time = Metric.cost("microseconds a row, " + shape, plain);
    rounds.add(
        plain,
        (label, into) ->
            into.add(time, label, change.afterTidying().plain() * 1e6 / change.rows()));
    rounds.add(
        shape + ", batch with undo data, chunks of 5000, one lane",
        (label, into) -> {
          change.afterTidying();
          Sql.execute(
              site.connection(), "TRUNCATE performance_schema.events_statements_summary_by_digest");
          double seconds = change.batchThatKeeps(CHUNK, 1).seconds();
          into.add(time, label, seconds * 1e6 / change.rows());
          for (Map.Entry<String, Double> part : parts(site.connection(), table).entrySet()) {
            into.add(time, shape + ": " + part.getKey(), part.getValue() / change.rows());
          }
        });
  }

  /** Returns the server's microseconds by kind of statement. */
  private static Map<String, Double> parts(Connection connection, String table)
      throws SQLException {
    Map<String, Double> parts = new LinkedHashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(BY_PART.formatted(Database.SCHEMA, table))) {
      while (rows.next()) {
        parts.put(rows.getString("part"), rows.getDouble("micros"));
      }
    }
    return parts;
  }
}
