package dev.rowmill.testing;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/**
 * Creates a table with a column of every type that the server has, filled with values that are
 * easily damaged when read and restored. Column {@code n} numbers the rows from 1. The server fills
 * the table itself.
 */
public final class AllTypesTable {

  /** Lists the keys that identify the rows. */
  public enum Key {
    BIGINT("id BIGINT NOT NULL AUTO_INCREMENT", "id", List.of("i")),
    TEXT_AND_INT(
        "area VARCHAR(20) CHARACTER SET utf8mb4 NOT NULL, place INT NOT NULL",
        "area, place",
        List.of("CONCAT(ELT(i % 5 + 1, 'Ähre', 'b''s', '表', '😀', ''), i % 3)", "i")),
    BINARY16("id BINARY(16) NOT NULL", "id", List.of("LEFT(UNHEX(SHA2(i, 256)), 16)")),
    DATETIME(
        "at DATETIME(6) NOT NULL",
        "at",
        List.of("TIMESTAMP('1999-12-31 23:59:59.5') + INTERVAL i * 1000003 MICROSECOND")),
    /**
     * Combines bytes without a Unicode character, both sort directions, and values that have
     * numbers.
     */
    UNUSUAL(
        "word VARCHAR(30) CHARACTER SET hebrew NOT NULL, kind ENUM('z','1','') NOT NULL, few"
            + " SET('q','p') NOT NULL, bits BIT(64) NOT NULL, place DOUBLE NOT NULL",
        "kind DESC, few, word DESC, bits, place DESC",
        List.of(
            "1 + i % 3",
            "i % 4",
            "CONVERT(CONCAT(_binary X'FBFCE0', i % 17) USING hebrew)",
            "18446744073709551615 - i",
            "i / 7"));

    private final String definition;
    private final String index;
    private final List<String> columns;
    private final List<String> values;

    Key(String definition, String columns, List<String> values) {
      this.definition = definition;
      this.index = columns;
      this.columns = List.of(columns.replace(" DESC", "").split(", "));
      this.values = values;
    }
  }

  /**
   * Represents the contents of a table. Equal states mean equal contents; if they differ, the sums
   * show the columns.
   *
   * @param checksum checksum of the server over all columns
   * @param rows number of rows
   * @param columns for each column, a sum that depends on the values and their rows
   */
  public record State(long checksum, long rows, Map<String, String> columns) {}

  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final int ROWS_A_STATEMENT = 20_000;

  private final DataSource database;
  private final String name;
  private final Key key;
  private final AllTypes types;

  private AllTypesTable(DataSource database, String name, Key key, AllTypes types) {
    this.database = database;
    this.name = name;
    this.key = key;
    this.types = types;
  }

  /** Creates the table in the schema for test tables. */
  public static AllTypesTable create(DataSource database, Key key, int rows) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      String mode = text(statement, "SELECT @@SESSION.sql_mode");
      String zone = text(statement, "SELECT @@SESSION.time_zone");
      try {
        // Old tables often contain zero dates and the empty ENUM value.
        statement.execute("SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION'");
        statement.execute("SET SESSION time_zone = '+00:00'");
        var table =
            new AllTypesTable(
                database,
                "rowmill_work.types" + COUNT.incrementAndGet(),
                key,
                AllTypes.of(text(statement, "SELECT VERSION()")));
        table.make(statement);
        table.fill(statement, rows);
        return table;
      } finally {
        statement.execute("SET SESSION sql_mode = '" + mode + "'");
        statement.execute("SET SESSION time_zone = '" + zone + "'");
      }
    }
  }

  private void make(Statement statement) throws SQLException {
    statement.execute("CREATE DATABASE IF NOT EXISTS rowmill_work");
    statement.execute("DROP TABLE IF EXISTS " + name + ", " + seed());
    statement.execute(
        "CREATE TABLE %s (%s, n BIGINT NOT NULL, %s, PRIMARY KEY (%s))"
            .formatted(name, key.definition, types.definitions(true), key.index));
  }

  /** Inserts the different rows as constants, then all rows as copies of them. */
  private void fill(Statement statement, int rows) throws SQLException {
    statement.execute(
        "CREATE TABLE " + seed() + " (seed INT PRIMARY KEY, " + types.definitions(false) + ")");
    for (int row = 0; row < AllTypes.DIFFERENT_ROWS; row++) {
      statement.execute(
          "INSERT INTO %s (seed, %s) VALUES (%d, %s)"
              .formatted(seed(), types.names(), row, types.values(row)));
    }
    for (int first = 1; first <= rows; first += ROWS_A_STATEMENT) {
      statement.execute(
          "INSERT INTO %s (%s, n, %s) SELECT %s, i, %s FROM (%s) numbers JOIN %s ON seed = i %% %d"
              .formatted(
                  name,
                  String.join(", ", key.columns),
                  types.names(),
                  String.join(", ", key.values),
                  types.names(),
                  Sequence.sql(first, Math.min(rows + 1, first + ROWS_A_STATEMENT)),
                  seed(),
                  AllTypes.DIFFERENT_ROWS));
    }
    statement.execute("DROP TABLE " + seed());
    statement.execute("ANALYZE TABLE " + name);
  }

  private String seed() {
    return name + "_seed";
  }

  /** Returns the name with its schema. */
  public String name() {
    return name;
  }

  /** Returns an UPDATE that changes the columns of every type in every row. */
  public String update() {
    return "UPDATE " + name + " SET " + types.changes();
  }

  /** Returns a condition for the rows that can be inserted in strict mode. */
  public String strict() {
    return types.strict();
  }

  /** Returns a statement that copies all rows into a table made by {@link #likeThis}. */
  public String copyTo(AllTypesTable other) {
    String columns = String.join(", ", key.columns) + ", n, " + types.names();
    return "INSERT INTO " + other.name + " (" + columns + ") SELECT " + columns + " FROM " + name;
  }

  /**
   * Returns a statement that copies all rows without the key's columns, which the other table
   * generates.
   */
  public String copyWithoutKeyTo(AllTypesTable other) {
    String columns = "n, " + types.names();
    return "INSERT INTO " + other.name + " (" + columns + ") SELECT " + columns + " FROM " + name;
  }

  /** Creates an empty table with the same columns. */
  public AllTypesTable likeThis() throws SQLException {
    var other = new AllTypesTable(database, name + "_" + COUNT.incrementAndGet(), key, types);
    execute("DROP TABLE IF EXISTS " + other.name);
    execute("CREATE TABLE " + other.name + " LIKE " + name);
    return other;
  }

  /** Returns the names of all columns, including generated and invisible ones. */
  public List<String> columns() {
    List<String> all = new ArrayList<>(key.columns);
    all.add("n");
    all.addAll(types.all());
    return all;
  }

  /** Returns the server's checksum over all rows and columns. */
  public long checksum() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("CHECKSUM TABLE " + name + " EXTENDED")) {
      row.next();
      return row.getLong(2);
    }
  }

  public State state() throws SQLException {
    Map<String, String> texts = new LinkedHashMap<>();
    key.columns.forEach(column -> texts.put(column, "HEX(" + column + ")"));
    texts.put("n", "n");
    texts.putAll(types.texts());
    String sums =
        texts.values().stream()
            .map(it -> "SUM(CRC32(CONCAT(n, ':', COALESCE(" + it + ", 'NULL'))))")
            .collect(Collectors.joining(", "));
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT COUNT(*), " + sums + " FROM " + name)) {
      row.next();
      Map<String, String> columns = new LinkedHashMap<>();
      int i = 1;
      for (String column : texts.keySet()) {
        columns.put(column, String.valueOf(row.getString(++i)));
      }
      return new State(checksum(), row.getLong(1), columns);
    }
  }

  public void execute(String sql) throws SQLException {
    Sql.execute(database, sql);
  }

  public long number(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      return Long.parseLong(text(statement, sql));
    }
  }

  /** Returns the first column of the first row, as text. */
  public String text(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      return text(statement, sql);
    }
  }

  private static String text(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return String.valueOf(row.getString(1));
    }
  }
}
