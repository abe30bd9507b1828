package dev.rowmill.testing;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/**
 * Creates a table of rows 1 to N with a number that starts at 0, which shows how often each row was
 * changed.
 */
public final class WorkTable {

  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final int ROWS_A_STATEMENT = 1000;

  private final DataSource database;
  private final String name;

  private WorkTable(DataSource database, String name) {
    this.database = database;
    this.name = name;
  }

  public static WorkTable create(DataSource database, int rows) throws SQLException {
    var table = new WorkTable(database, "rowmill_work.w" + COUNT.incrementAndGet());
    table.execute("CREATE DATABASE IF NOT EXISTS rowmill_work");
    table.execute("DROP TABLE IF EXISTS " + table.name);
    table.execute("CREATE TABLE " + table.name + " (id BIGINT PRIMARY KEY, n INT NOT NULL)");
    for (int first = 1; first <= rows; first += ROWS_A_STATEMENT) {
      var insert = new StringBuilder("INSERT INTO " + table.name + " VALUES ");
      int last = Math.min(rows, first + ROWS_A_STATEMENT - 1);
      for (int id = first; id <= last; id++) {
        insert.append(id == first ? "" : ",").append("(").append(id).append(",0)");
      }
      table.execute(insert.toString());
    }
    return table;
  }

  /** Returns the same table on another data source. */
  public WorkTable on(DataSource other) {
    return new WorkTable(other, name);
  }

  /** Returns the name with its schema. */
  public String name() {
    return name;
  }

  /** Returns the number of rows that hold a number. */
  public long rowsWith(int n) throws SQLException {
    return number("SELECT COUNT(*) FROM " + name + " WHERE n = " + n);
  }

  public long number(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  public void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
