package dev.rowmill.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.testing.Sequence;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Represents a table of items of about 100 bytes each, which all scenarios of bulk changes use. The
 * initial values of a row follow from its {@code sku}, so that rows that were skipped or changed
 * twice are found.
 *
 * @param name name with its schema
 */
record BenchTable(Connection connection, String name, int rows, TableShape shape) {

  /** Sets the number of rows of a category, which the secondary index finds. */
  static final int CATEGORY_ROWS = 1000;

  /** Computes the initial {@code stock}; the initial {@code price} was a hundredth of it. */
  private static final String FIRST_STOCK = "CAST(sku AS SIGNED) % 10000";

  private static final int ROWS_A_STATEMENT = 100_000;

  /** Creates and fills the table. The categories are spread evenly over it. */
  static BenchTable create(Connection connection, String name, int rows, TableShape shape)
      throws SQLException {
    Sql.execute(
        connection,
        """
        CREATE TABLE %s (
          %s,
          sku CHAR(16) NOT NULL,
          name VARCHAR(60) NOT NULL,
          category INT NOT NULL,
          price DECIMAL(10, 2) NOT NULL,
          stock INT NOT NULL,
          KEY item_by_category (category))
        """
            .formatted(name, shape.definition()));
    BenchTable table = new BenchTable(connection, name, rows, shape);
    for (int first = 0; first < rows; first += ROWS_A_STATEMENT) {
      Sql.execute(
          connection,
          ("INSERT INTO %s (%s, sku, name, category, price, stock) SELECT %s, LPAD(i, 16, '0'),"
                  + " RPAD(CONCAT('item ', i), 50, 'x'), i %% %d, i %% 10000 / 100, i %% 10000"
                  + " FROM (%s) numbers ORDER BY i")
              .formatted(
                  name,
                  shape.names(),
                  shape.rowValues(),
                  table.categories(),
                  Sequence.sql(first, Math.min(rows, first + ROWS_A_STATEMENT))));
    }
    Sql.execute(connection, "ANALYZE TABLE " + name);
    return table;
  }

  int categories() {
    return Math.max(1, rows / CATEGORY_ROWS);
  }

  /** Recreates a table with all rows of this one. */
  BenchTable copy(String copy) throws SQLException {
    Sql.execute(connection, "DROP TABLE IF EXISTS " + copy);
    Sql.execute(connection, "CREATE TABLE " + copy + " LIKE " + name);
    Sql.execute(
        connection, "INSERT INTO " + copy + " SELECT * FROM " + name + " ORDER BY " + shape.key());
    Sql.execute(connection, "ANALYZE TABLE " + copy);
    return new BenchTable(connection, copy, rows, shape);
  }

  long count(String condition) throws SQLException {
    return Sql.number(connection, "SELECT COUNT(*) FROM " + name + " WHERE " + condition);
  }

  /** Fails unless the price of every row has grown by just so much. */
  void assertPricesGrewBy(int times) throws SQLException {
    assertEquals(
        rows,
        count("price = (" + FIRST_STOCK + ") / 100 + " + times),
        "rows of " + name + " changed " + times + " times");
  }

  /** Fails unless the stock of all rows together has grown by just so much. */
  void assertStockGrewBy(long pieces) throws SQLException {
    String grown = "SELECT SUM(stock - " + FIRST_STOCK + ") FROM " + name;
    assertEquals(pieces, Sql.number(connection, grown), "pieces added to the stock of " + name);
  }
}
