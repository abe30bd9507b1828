package dev.rowmill.sql.table;

import dev.rowmill.database.ServerKind;
import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.sql.table.TableDefinition.Index;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.Refusal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads the definitions of tables from the server. */
public final class Catalog {

  /** Matches the delimiters of comments that the server executes, and other comments as a whole. */
  private static final String COMMENT =
      "/\\*M?!\\d*|\\*/|/\\*(?s:.*?)\\*/|--[ \t][^\n]*|--\n|#[^\n]*";

  private static final Pattern FIXED_OFFSET =
      Pattern.compile("[+-]\\d\\d?:\\d\\d|UTC|GMT|Z|Etc/(UTC|GMT|UCT|Zulu|GMT[+-]\\d+)", 2);

  /** Represents a trigger. */
  public record Trigger(String schema, String name, boolean before, String body) {

    /**
     * Returns whether it may assign a column of the row. Text that only resembles an assignment
     * counts as well, such as a comparison or a comment.
     */
    public boolean maySet(String column) {
      String quoted = Pattern.quote(column);
      String name =
          "\\bNEW\\s*\\.\\s*(?:%2$s|\"%1$s\"|%1$s(?![\\w$]))"
              .formatted(quoted, Pattern.quote(TableName.quoted(column)));
      // A procedure may write to its arguments.
      Pattern sets =
          Pattern.compile(
              name + "\\s*:?=|\\b(?:INTO|CALL)\\b[^;]*" + name,
              Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
      return Stream.of(body, body.replaceAll(COMMENT, " ")).anyMatch(it -> sets.matcher(it).find());
    }

    /** Returns whether its own text writes to a table of this name. */
    public boolean mayWrite(String table) {
      String quoted = Pattern.quote(TableName.quoted(table));
      Pattern writes =
          Pattern.compile(
              "\\b(?:INTO|UPDATE|DELETE\\s+FROM)\\s+(?:\\S+\\s*\\.\\s*)?(?:%s|%s(?![\\w$]))"
                  .formatted(quoted, Pattern.quote(table)),
              Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
      return writes.matcher(body.replaceAll(COMMENT, " ")).find();
    }
  }

  private final Connection connection;

  public Catalog(Connection connection) {
    this.connection = connection;
  }

  public Connection connection() {
    return connection;
  }

  /**
   * Returns the table or view with this name; empty if there is none, or none visible to the
   * account.
   */
  public Optional<TableKind> kind(TableName table) throws SQLException {
    if (table.written().codePoints().anyMatch(c -> c > Character.MAX_VALUE)) {
      // Servers allow no such characters in names, and some fail when they compare names with one.
      return Optional.empty();
    }
    String sql =
        "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE FROM information_schema.TABLES WHERE "
            + named(table, "TABLE_SCHEMA", "TABLE_NAME");
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next()
          ? Optional.of(
              new TableKind(
                  new TableName(text(row, 1), text(row, 2)), text(row, 3), row.getString(4)))
          : Optional.empty();
    }
  }

  /**
   * Returns the table or view with a name that a caller wrote.
   *
   * @param schema schema of names that have none, and of Rowmill's own tables
   * @throws Refusal {@code unknown-table} if there is nothing that the caller may use
   */
  public TableKind usable(TableName table, String schema, StatementScope scope)
      throws SQLException {
    TableName full = table.in(schema);
    Optional<TableKind> kind = scope.allows(full, schema) ? kind(full) : Optional.empty();
    // The server may accept unexpected spellings of a name.
    return kind.filter(found -> scope.allows(found, schema))
        .orElseThrow(() -> new Refusal("unknown-table", Map.of("table", table.written())));
  }

  /** Returns the query of a view; empty if the account may not see it. */
  String viewDefinition(TableName view) throws SQLException {
    String sql =
        "SELECT VIEW_DEFINITION FROM information_schema.VIEWS WHERE "
            + named(view, "TABLE_SCHEMA", "TABLE_NAME");
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? text(row, 1) : "";
    }
  }

  /**
   * Returns whether this server treats two names as the same table.
   *
   * @param some name with its schema, as the other
   */
  public boolean isSame(TableName some, TableName other) throws SQLException {
    return some.equals(other)
        || (some.mayBe(other) && !found("SELECT 1 FROM DUAL WHERE @@lower_case_table_names = 0"));
  }

  public TableDefinition definition(TableName table) throws SQLException {
    List<Column> columns = columns(table);
    boolean zoned = columns.stream().anyMatch(column -> column.type().equals("timestamp"));
    return new TableDefinition(
        table,
        columns,
        uniqueIndexes(table),
        !zoned || offsetFixed(),
        ServerKind.isMariaDb(connection));
  }

  public List<Column> columns(TableName table) throws SQLException {
    String sql =
        "SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE, CHARACTER_SET_NAME,"
            + " COLLATION_NAME, NUMERIC_PRECISION, NUMERIC_SCALE, DATETIME_PRECISION, EXTRA,"
            + " GENERATION_EXPRESSION"
            + " FROM information_schema.COLUMNS WHERE "
            + named(table, "TABLE_SCHEMA", "TABLE_NAME")
            + " ORDER BY ORDINAL_POSITION";
    List<Column> columns = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        columns.add(
            new Column(
                text(row, 1),
                text(row, 2).toLowerCase(Locale.ROOT),
                text(row, 3).toLowerCase(Locale.ROOT),
                !"NO".equals(row.getString(4)),
                row.getString(5),
                row.getString(6),
                row.getInt(7),
                row.getInt(8),
                row.getInt(9),
                text(row, 10).toLowerCase(Locale.ROOT),
                Column.Version.of(text(row, 11))));
      }
    }
    return columns;
  }

  /** Returns a table's indexes. */
  public List<Index> indexes(TableName table) throws SQLException {
    return indexes(table, "");
  }

  private List<Index> uniqueIndexes(TableName table) throws SQLException {
    return indexes(table, " AND NON_UNIQUE = 0");
  }

  private List<Index> indexes(TableName table, String which) throws SQLException {
    boolean mariaDb = ServerKind.isMariaDb(connection);
    String sql =
        "SELECT INDEX_NAME, COLUMN_NAME, SUB_PART, COLLATION, INDEX_TYPE, "
            + (mariaDb ? "IF(IGNORED = 'YES', 'NO', 'YES')" : "IS_VISIBLE")
            + " FROM information_schema.STATISTICS WHERE "
            + named(table, "TABLE_SCHEMA", "TABLE_NAME")
            + which
            + " ORDER BY INDEX_NAME, SEQ_IN_INDEX";
    Map<String, Index> indexes = new LinkedHashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        String name = text(row, 1);
        boolean visible = "YES".equals(row.getString(6));
        // MariaDB names no index type for its sequence tables, such as seq_1_to_100.
        boolean ordered = Set.of("BTREE", "").contains(text(row, 5));
        indexes
            .computeIfAbsent(name, key -> new Index(name, visible, ordered, new ArrayList<>()))
            .parts()
            .add(
                new Index.Part(
                    row.getString(2), row.getString(3) != null, "D".equals(row.getString(4))));
      }
    }
    return List.copyOf(indexes.values());
  }

  /**
   * Returns the tables that the server changes along with the given ones because of foreign keys,
   * directly or through others.
   *
   * @param deletes whether rows of the given tables are deleted, rather than updated
   */
  public Set<TableName> changedAlong(Set<TableName> tables, boolean deletes) throws SQLException {
    Set<TableName> along = new LinkedHashSet<>();
    Deque<TableName> left = new ArrayDeque<>(tables);
    while (!left.isEmpty()) {
      String sql =
          "SELECT CONSTRAINT_SCHEMA, TABLE_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE "
              + named(left.remove(), "UNIQUE_CONSTRAINT_SCHEMA", "REFERENCED_TABLE_NAME")
              // A column that a deletion sets to NULL or its default may cascade as an update.
              + " AND (UPDATE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT')"
              + (deletes ? " OR DELETE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT'))" : ")");
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery(sql)) {
        while (row.next()) {
          TableName table = new TableName(text(row, 1), text(row, 2));
          if (along.add(table)) {
            left.add(table);
          }
        }
      }
    }
    return along;
  }

  /**
   * Returns whether the server changes other rows because of a foreign key when a row of this table
   * is deleted.
   */
  public boolean deletesReachOthers(TableName table) throws SQLException {
    return found(
        "SELECT 1 FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE "
            + named(table, "UNIQUE_CONSTRAINT_SCHEMA", "REFERENCED_TABLE_NAME")
            + " AND DELETE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT') LIMIT 1");
  }

  /**
   * Returns whether the server sets columns of other rows to NULL or their default because of a
   * foreign key when one of these columns changes. A cascaded value is restored together with its
   * source, except a NULL, since a row with NULL refers to no other.
   *
   * @param columns columns that are changed
   */
  public boolean updatesEmptyOthers(TableName table, List<Column> columns) throws SQLException {
    String sql =
        "SELECT k.REFERENCED_COLUMN_NAME, r.UPDATE_RULE = 'CASCADE'"
            + " FROM information_schema.REFERENTIAL_CONSTRAINTS r"
            + " JOIN information_schema.KEY_COLUMN_USAGE k"
            + " ON k.CONSTRAINT_SCHEMA = r.CONSTRAINT_SCHEMA"
            + " AND k.CONSTRAINT_NAME = r.CONSTRAINT_NAME AND k.TABLE_NAME = r.TABLE_NAME WHERE "
            + named(table, "r.UNIQUE_CONSTRAINT_SCHEMA", "r.REFERENCED_TABLE_NAME")
            + " AND r.UPDATE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT')";
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        String name = text(row, 1);
        boolean takesOver = row.getBoolean(2);
        if (columns.stream()
            .filter(column -> column.nullable() || !takesOver)
            .anyMatch(column -> column.name().equalsIgnoreCase(name))) {
          return true;
        }
      }
      return false;
    }
  }

  public boolean isPartitioned(TableName table) throws SQLException {
    return found(
        "SELECT 1 FROM information_schema.PARTITIONS WHERE "
            + named(table, "TABLE_SCHEMA", "TABLE_NAME")
            + " AND PARTITION_NAME IS NOT NULL LIMIT 1");
  }

  /** Returns the average number of bytes of a row, by the server's estimate. */
  public long averageRowLength(TableName table) throws SQLException {
    String sql =
        "SELECT COALESCE(AVG_ROW_LENGTH, 0) FROM information_schema.TABLES WHERE "
            + named(table, "TABLE_SCHEMA", "TABLE_NAME");
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  /** Returns the number of rows of a table, up to a maximum. */
  public long rowsUpTo(TableName table, long most) throws SQLException {
    String sql =
        "SELECT "
            + RunStatements.ANONYMOUS
            + " COUNT(*) FROM (SELECT 1 FROM "
            + table.quoted()
            + " LIMIT "
            + most
            + ") AS `some rows`";
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  /**
   * Returns whether the server ignores values for generated columns, as MariaDB does outside strict
   * mode.
   *
   * @param ignore whether the statement has IGNORE
   */
  public boolean ignoresGenerated(boolean ignore) throws SQLException {
    return ServerKind.isMariaDb(connection)
        && (ignore || !found("SELECT 1 FROM DUAL WHERE @@sql_mode LIKE '%STRICT%'"));
  }

  /** Processes a row of the server's own tables. */
  public interface RowReader {
    void read(ResultSet row) throws SQLException;
  }

  public static void read(Connection connection, String sql, RowReader reader) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        reader.read(row);
      }
    }
  }

  private boolean found(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next();
    }
  }

  public List<Trigger> beforeUpdateTriggers(TableName table) throws SQLException {
    return triggers(table, Set.of("UPDATE")).stream().filter(Trigger::before).toList();
  }

  /** Returns the triggers that a statement fires. */
  public List<Trigger> triggers(TableName table, ParsedStatement parsed) throws SQLException {
    return triggers(
        table,
        switch (parsed.kind()) {
          case UPDATE -> Set.of("UPDATE");
          case DELETE -> Set.of("DELETE");
          case INSERT ->
              parsed.onDuplicate().isEmpty() ? Set.of("INSERT") : Set.of("INSERT", "UPDATE");
          // MySQL may update the old row where no trigger and no foreign key would notice.
          case REPLACE -> Set.of("INSERT", "DELETE", "UPDATE");
          case SELECT -> Set.of();
        });
  }

  private List<Trigger> triggers(TableName table, Set<String> events) throws SQLException {
    String sql =
        "SELECT TRIGGER_SCHEMA, TRIGGER_NAME, ACTION_TIMING = 'BEFORE', ACTION_STATEMENT"
            + " FROM information_schema.TRIGGERS WHERE "
            + named(table, "EVENT_OBJECT_SCHEMA", "EVENT_OBJECT_TABLE")
            + " AND EVENT_MANIPULATION IN ('"
            + String.join("','", events)
            + "')";
    List<Trigger> triggers = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        triggers.add(new Trigger(text(row, 1), text(row, 2), row.getBoolean(3), text(row, 4)));
      }
    }
    return triggers;
  }

  private boolean offsetFixed() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT @@session.time_zone, @@system_time_zone")) {
      row.next();
      String zone = text(row, 1);
      return FIXED_OFFSET.matcher(zone.equals("SYSTEM") ? text(row, 2) : zone).matches();
    }
  }

  // Plain statements, since preparing a query of information_schema costs more than running it. One
  // table at a time with constants, since MariaDB reads every schema otherwise.
  public static String named(TableName table, String schemaColumn, String nameColumn) {
    String schema = java.util.Objects.requireNonNull(table.schema());
    return schemaColumn
        + " = "
        + literal(schema)
        + " AND "
        + nameColumn
        + " = "
        + literal(table.name());
  }

  private static String literal(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
  }

  private static String text(ResultSet row, int column) throws SQLException {
    String text = row.getString(column);
    return text == null ? "" : text;
  }
}
