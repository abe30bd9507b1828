package dev.rowmill.sample;

import dev.rowmill.task.Refusal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import javax.sql.DataSource;

/**
 * Creates the sample schema {@code shop} with items of four projects. The database computes them
 * from their ids, so shops of the same size are identical. Thread-safe.
 */
final class SampleShop {

  private static final String[] TABLES = {
    "CREATE SCHEMA IF NOT EXISTS shop",
    """
    CREATE TABLE IF NOT EXISTS shop.item (
      id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
      project VARCHAR(64) NOT NULL,
      sku VARCHAR(32) NOT NULL,
      name VARCHAR(100) NOT NULL,
      category VARCHAR(32) NOT NULL,
      price DECIMAL(10, 2) NOT NULL,
      stock INT NOT NULL,
      status ENUM('active', 'paused', 'retired') NOT NULL,
      updated_at DATETIME(3) NOT NULL,
      UNIQUE KEY item_sku (sku),
      KEY item_status_category (status, category)
    ) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4""",
    """
    CREATE TABLE IF NOT EXISTS shop.stock_count (
      status VARCHAR(16) NOT NULL,
      category VARCHAR(32) NOT NULL,
      items BIGINT NOT NULL,
      stock BIGINT NOT NULL,
      counted_at DATETIME(3) NOT NULL,
      PRIMARY KEY (status, category)
    ) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4"""
  };

  /** Limits the rows of one INSERT, so that transactions stay small and progress is visible. */
  private static final int ROWS_AT_A_TIME = 10_000;

  /**
   * Inserts the items with ids from the first parameter to the second, both inclusive, but at most
   * 10,000. Joins four digits, because not every server has a sequence engine or deep recursion.
   * CRC32 serves as a reproducible random function.
   */
  private static final String ITEMS =
      """
      INSERT INTO shop.item (id, project, sku, name, category, price, stock, status, updated_at)
      SELECT id,
        ELT(1 + CRC32(CONCAT('project', id)) % 4,
          'spring-sale', 'outlet', 'wholesale', 'marketplace'),
        CONCAT('RM-', LPAD(id, 9, '0')),
        CONCAT(
          ELT(1 + CRC32(CONCAT('make', id)) % 6,
            'Light', 'Classic', 'Sturdy', 'Folding', 'Soft', 'Large'), ' ',
          ELT(1 + CRC32(CONCAT('colour', id)) % 6,
            'blue', 'green', 'red', 'grey', 'white', 'black'), ' ',
          ELT(1 + CRC32(CONCAT('thing', id)) % 8,
            'lamp', 'chair', 'mug', 'backpack', 'towel', 'tent', 'kettle', 'jacket')),
        ELT(1 + CRC32(CONCAT('category', id)) % 8,
          'bath', 'camping', 'clothing', 'furniture', 'garden', 'kitchen', 'lighting', 'travel'),
        1 + (CRC32(CONCAT('price', id)) % 30000) / 100,
        CRC32(CONCAT('stock', id)) % 500,
        ELT(1 + CRC32(CONCAT('status', id)) % 10, 'active', 'active', 'active', 'active',
          'active', 'active', 'active', 'paused', 'paused', 'retired'),
        '2026-01-01 00:00:00.000'
      FROM (
        SELECT ? + a.d + 10 * b.d + 100 * c.d + 1000 * e.d AS id
        FROM (DIGITS) a CROSS JOIN (DIGITS) b CROSS JOIN (DIGITS) c CROSS JOIN (DIGITS) e
      ) ids
      WHERE id <= ?
      ORDER BY id"""
          .replace(
              "DIGITS",
              "SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL"
                  + " SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL"
                  + " SELECT 8 UNION ALL SELECT 9");

  private final DataSource data;

  SampleShop(DataSource data) {
    this.data = data;
  }

  /**
   * Creates the missing items and tables. Completes a shop whose creation was interrupted.
   *
   * @param items number of items to have
   * @param made called after each INSERT with the number of items so far
   * @return whether any item was missing
   */
  boolean create(long items, LongConsumer made) throws SQLException {
    try (Connection connection = data.getConnection()) {
      try (Statement statement = connection.createStatement()) {
        for (String table : TABLES) {
          statement.execute(table);
        }
      }
      long last = lastId(connection);
      boolean missing = last < items;
      try (PreparedStatement insert = connection.prepareStatement(ITEMS)) {
        while (last < items) {
          long upTo = Math.min(items, last + ROWS_AT_A_TIME);
          insert.setLong(1, last + 1);
          insert.setLong(2, upTo);
          insert.executeUpdate();
          last = upTo;
          made.accept(last);
        }
      }
      return missing;
    }
  }

  /**
   * Checks that the sample shop exists.
   *
   * @throws Refusal if it does not
   */
  static void require(Connection connection) throws SQLException {
    try (PreparedStatement query =
            connection.prepareStatement(
                "SELECT 1 FROM information_schema.tables"
                    + " WHERE table_schema = 'shop' AND table_name = 'item'");
        ResultSet row = query.executeQuery()) {
      if (!row.next()) {
        throw new Refusal("unknown-table", Map.of("table", "shop.item"));
      }
    }
  }

  /** Returns the first six items. */
  List<Item> someItems() throws SQLException {
    try (Connection connection = data.getConnection();
        PreparedStatement query =
            connection.prepareStatement(
                "SELECT id, sku, name, status, price FROM shop.item ORDER BY id LIMIT 6");
        ResultSet rows = query.executeQuery()) {
      List<Item> items = new ArrayList<>();
      while (rows.next()) {
        items.add(
            new Item(
                rows.getLong("id"),
                rows.getString("sku"),
                rows.getString("name"),
                rows.getString("status"),
                rows.getBigDecimal("price")));
      }
      return items;
    }
  }

  private static long lastId(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT COALESCE(MAX(id), 0) FROM shop.item")) {
      row.next();
      return row.getLong(1);
    }
  }
}
