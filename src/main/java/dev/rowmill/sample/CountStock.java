package dev.rowmill.sample;

import dev.rowmill.task.PlainContext;
import dev.rowmill.task.PlainTask;
import io.quarkus.agroal.DataSource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Demonstrates a task of a single call: sums up the stock of each category. */
@ApplicationScoped
class CountStock implements PlainTask<CountStock.Parameters> {

  /**
   * Holds the parameters.
   *
   * @param status status of the items to count, such as {@code active}
   */
  record Parameters(@NotBlank @Size(max = 16) String status) {}

  private final javax.sql.DataSource data;

  CountStock(@DataSource("data") javax.sql.DataSource data) {
    this.data = data;
  }

  @Override
  public String name() {
    return "count-stock";
  }

  @Override
  public String description() {
    return "Sums up the stock in shop.item of each category into shop.stock_count.";
  }

  @Override
  public Class<Parameters> parametersType() {
    return Parameters.class;
  }

  @Override
  public void check(Parameters parameters, String project, Connection connection)
      throws SQLException {
    SampleShop.require(connection);
  }

  /**
   * Counts the categories in order. The checkpoint is the last category counted; counting a
   * category twice is harmless.
   */
  @Override
  public void run(PlainContext<Parameters> context) throws SQLException {
    String status = context.parameters().status();
    String done = context.checkpoint().orElse("");
    try (Connection connection = data.getConnection()) {
      SortedMap<String, Long> categories = itemsByCategory(connection, status);
      context.total(categories.values().stream().mapToLong(Long::longValue).sum());
      for (Map.Entry<String, Long> category : categories.entrySet()) {
        if (category.getKey().compareTo(done) > 0) {
          if (context.stopRequested()) {
            return;
          }
          count(connection, status, category.getKey());
          context.save(category.getKey(), category.getValue(), 1);
        }
      }
    }
  }

  /**
   * Returns the number of items by category. The map has the order of Java strings, in which the
   * checkpoint is compared.
   */
  private static SortedMap<String, Long> itemsByCategory(Connection connection, String status)
      throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT category, COUNT(*) FROM shop.item WHERE status = ? GROUP BY category")) {
      query.setString(1, status);
      SortedMap<String, Long> categories = new TreeMap<>();
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          categories.put(rows.getString(1), rows.getLong(2));
        }
      }
      return categories;
    }
  }

  private static void count(Connection connection, String status, String category)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "REPLACE INTO shop.stock_count (status, category, items, stock, counted_at)"
                + " SELECT status, category, COUNT(*), SUM(stock), NOW(3) FROM shop.item"
                + " WHERE status = ? AND category = ? GROUP BY status, category")) {
      insert.setString(1, status);
      insert.setString(2, category);
      insert.executeUpdate();
    }
  }
}
