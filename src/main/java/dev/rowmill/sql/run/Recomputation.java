package dev.rowmill.sql.run;

import dev.rowmill.database.Connections;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.RowImage.Kind;
import dev.rowmill.sql.value.RunStatements;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Computes again what an UPDATE has written: the server runs the same assignments on a temporary
 * table with the old values. For one thread.
 *
 * @param image image with a formula
 */
record Recomputation(Connection connection, RunStatements statements, RowImage image) {

  /** Stores the name of the temporary table, which only its session sees. */
  private static final String NAME = "rowmill recomputed";

  /**
   * Creates the temporary table and drops it.
   *
   * @throws SQLException if the account or the server does not allow it
   */
  static void test(Connection connection, RowImage image) throws SQLException {
    var test = new Recomputation(connection, new RunStatements(), image);
    test.create();
    test.drop();
  }

  private TableName table() {
    return new TableName(image.table().schema(), NAME);
  }

  private Formula formula() {
    return Objects.requireNonNull(image.formula());
  }

  /**
   * Returns rows with the values that the UPDATE wrote instead of their marks, in the same order,
   * and without a formula's inputs.
   */
  List<RowImage.Row> computed(List<RowImage.Row> rows) throws SQLException {
    if (formula().constants().size() == image.columns().size()) {
      return rows.stream().map(row -> computed(row, new byte[image.columns().size()][])).toList();
    }
    List<ImageColumn> all =
        Stream.concat(image.columns().stream(), formula().inputs().stream()).toList();
    create();
    try {
      new RestoredTable(
              connection,
              statements,
              new RowImage(Kind.INSERTED, table(), "PRIMARY", image.keys(), all, List.of(), null))
          .insert(rows);
      update();
      KeyedRows updated =
          KeyedRows.read(
              statements.bound(
                  connection,
                  KeyedRows.select(image.keys(), image.columns(), NAME)
                      + " FROM "
                      + table().quoted(),
                  List.of()),
              image.keys(),
              image.columns());
      return computed(rows, updated);
    } finally {
      drop();
    }
  }

  private void update() throws SQLException {
    Map<String, String> before = Formula.session(connection);
    Formula.set(connection, formula().session());
    String update =
        "UPDATE "
            + table().quoted()
            + " AS "
            + TableName.quoted(formula().qualifier())
            + " SET "
            + formula().assignments().sql();
    try (PreparedStatement once =
        statements.boundOnce(connection, update, formula().assignments().values())) {
      once.executeLargeUpdate();
    } finally {
      Formula.set(connection, before);
    }
  }

  private List<RowImage.Row> computed(List<RowImage.Row> rows, KeyedRows updated)
      throws SQLException {
    List<RowImage.Row> computed = new ArrayList<>();
    // The server returns the rows in the order of the key, and an undo reverses them.
    boolean ascending = updated.find(rows.get(0).key(), 0) == updated.rows().get(0);
    for (int i = 0; i < rows.size(); i++) {
      RowImage.Row row = rows.get(i);
      KeyedRows.Row now = updated.find(row.key(), ascending ? i : rows.size() - 1 - i);
      if (now == null) {
        throw new SQLException(
            "the temporary table does not hold the row " + image.shownKey(row) + " of the image");
      }
      computed.add(computed(row, now.values()));
    }
    return computed;
  }

  /** Returns a row with its new values, of which the constant ones are set here. */
  private RowImage.Row computed(RowImage.Row row, byte[][] after) {
    formula().constants().forEach((column, value) -> after[column] = value);
    return new RowImage.Row(row.key(), Arrays.copyOf(row.before(), after.length), after);
  }

  private void create() throws SQLException {
    statements.execute(
        connection,
        "CREATE TEMPORARY TABLE "
            + table().quoted()
            + " (PRIMARY KEY ("
            + ImageColumn.names(image.keys())
            + ")) ENGINE = InnoDB SELECT "
            + ImageColumn.names(image.stored())
            + " FROM "
            + image.table().quoted()
            + " LIMIT 0");
  }

  /** Drops the table, or aborts the connection with it. */
  private void drop() throws SQLException {
    try {
      statements.execute(connection, "DROP TEMPORARY TABLE " + table().quoted());
    } catch (SQLException e) {
      Connections.abort(connection);
    }
  }
}
