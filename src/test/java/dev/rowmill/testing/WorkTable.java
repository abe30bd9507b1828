package dev.rowmill.testing;

import io.agroal.api.AgroalDataSource;
import jakarta.enterprise.inject.Default;
import jakarta.enterprise.inject.spi.CDI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Represents a table of rows 1 to N, each with a number that starts at 0. Tests count the changes
 * of a row with it.
 *
 * <p>As an extension of a {@code @QuarkusTest}, creates the table anew before each test. After each
 * test it checks that no batch holds a thread, a connection or a lock.
 */
public final class WorkTable implements BeforeEachCallback, AfterEachCallback {

  /**
   * Begins the names. Random, because the class may be loaded twice, and counters would collide.
   */
  private static final String PREFIX =
      "rowmill_work.w" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt()) + "_";

  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final int ROWS_A_STATEMENT = 1000;

  private final Supplier<DataSource> database;
  private final String name;
  private final int rows;

  private WorkTable(Supplier<DataSource> database, String name, int rows) {
    this.database = database;
    this.name = name;
    this.rows = rows;
  }

  private static String newName() {
    return PREFIX + COUNT.incrementAndGet();
  }

  /** Returns a table for a field with {@code @RegisterExtension} in a {@code @QuarkusTest}. */
  public static WorkTable ofRows(int rows) {
    return new WorkTable(
        () -> CDI.current().select(AgroalDataSource.class, Default.Literal.INSTANCE).get(),
        newName(),
        rows);
  }

  public static WorkTable create(DataSource database, int rows) throws SQLException {
    var table = new WorkTable(() -> database, newName(), rows);
    table.create();
    return table;
  }

  @Override
  public void beforeEach(ExtensionContext context) throws SQLException {
    create();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    CDI.current().select(Batches.class).get().leaveNothingBehind();
  }

  private void create() throws SQLException {
    execute("CREATE DATABASE IF NOT EXISTS rowmill_work");
    execute("DROP TABLE IF EXISTS " + name);
    execute("CREATE TABLE " + name + " (id BIGINT PRIMARY KEY, n INT NOT NULL)");
    for (int first = 1; first <= rows; first += ROWS_A_STATEMENT) {
      var insert = new StringBuilder("INSERT INTO " + name + " VALUES ");
      int last = Math.min(rows, first + ROWS_A_STATEMENT - 1);
      for (int id = first; id <= last; id++) {
        insert.append(id == first ? "" : ",").append("(").append(id).append(",0)");
      }
      execute(insert.toString());
    }
  }

  /** Returns the table as seen through another data source. */
  public WorkTable on(DataSource other) {
    return new WorkTable(() -> other, name, rows);
  }

  /** Returns the name with its schema. */
  public String name() {
    return name;
  }

  /** Returns the name without its schema. */
  public String nameInSchema() {
    return name.substring(name.indexOf('.') + 1);
  }

  /** Counts the rows that hold a number. */
  public long rowsWith(int n) throws SQLException {
    return number("SELECT COUNT(*) FROM " + name + " WHERE n = " + n);
  }

  public long number(String sql) throws SQLException {
    try (Connection connection = database.get().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Returns the server's checksum of a table. */
  public long checksum(String table) throws SQLException {
    try (Connection connection = database.get().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("CHECKSUM TABLE " + table + " EXTENDED")) {
      row.next();
      return row.getLong(2);
    }
  }

  public void execute(String sql) throws SQLException {
    try (Connection connection = database.get().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
