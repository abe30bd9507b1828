package dev.rowmill.sql.table;

import static dev.rowmill.sql.table.CatalogQuery.literal;
import static dev.rowmill.sql.table.CatalogQuery.named;
import static dev.rowmill.sql.table.CatalogQuery.text;

import dev.rowmill.database.ServerKind;
import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.sql.table.TableDefinition.Index;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.Refusal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the definitions of tables from the server. */
public final class Catalog {

  private static final Pattern FIXED_OFFSET =
      Pattern.compile("[+-]\\d\\d?:\\d\\d|UTC|GMT|Z|Etc/(UTC|GMT|UCT|Zulu|GMT[+-]\\d+)", 2);

  /** Matches a label of an ENUM or SET, or a part of one around a doubled quote, or other text. */
  private static final Pattern LABEL_OR_TYPE = Pattern.compile("'[^']*'|[^']+");

  private final Connection connection;
  private final CatalogQuery query;

  public Catalog(Connection connection) {
    this.connection = connection;
    this.query = new CatalogQuery(connection);
  }

  public Connection connection() {
    return connection;
  }

  /** Returns the connection's current schema; empty without one. */
  public String schema() throws SQLException {
    String current = connection.getCatalog();
    return current == null ? "" : current;
  }

  /**
   * Returns whether a text can be a name. Servers allow no characters outside of the basic
   * multilingual plane, and some fail when they compare names with one.
   */
  static boolean isName(String text) {
    return text.codePoints().noneMatch(c -> c > Character.MAX_VALUE);
  }

  /**
   * Returns the table or view with this name; empty if there is none, or none visible to the
   * account.
   */
  public Optional<TableKind> kind(TableName table) throws SQLException {
    if (!isName(table.written())) {
      return Optional.empty();
    }
    String sql =
        "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE FROM information_schema.TABLES WHERE "
            + named(table, "TABLE_SCHEMA", "TABLE_NAME");
    return query.first(
        sql,
        row ->
            new TableKind(
                new TableName(text(row, 1), text(row, 2)), text(row, 3), row.getString(4)));
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
    return query.first(sql, row -> text(row, 1)).orElse("");
  }

  /**
   * Returns whether this server treats two names as the same table.
   *
   * @param some name with its schema, as the other
   */
  public boolean isSame(TableName some, TableName other) throws SQLException {
    return some.equals(other)
        || (some.mayBe(other)
            && !query.found("SELECT 1 FROM DUAL WHERE @@lower_case_table_names = 0"));
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
    return query.list(
        sql,
        row ->
            new Column(
                text(row, 1),
                text(row, 2).toLowerCase(Locale.ROOT),
                fullType(text(row, 3)),
                !"NO".equals(row.getString(4)),
                row.getString(5),
                row.getString(6),
                row.getInt(7),
                row.getInt(8),
                row.getInt(9),
                text(row, 10).toLowerCase(Locale.ROOT),
                Column.Version.of(text(row, 11))));
  }

  /** Returns a type in lower case, except the labels of an ENUM or SET. */
  private static String fullType(String type) {
    return LABEL_OR_TYPE
        .matcher(type)
        .replaceAll(
            part -> {
              String text = part.group();
              return Matcher.quoteReplacement(
                  text.startsWith("'") ? text : text.toLowerCase(Locale.ROOT));
            });
  }

  /** Returns the names of the columns that an INSERT must give a value. */
  public List<String> requiredColumns(TableName table) throws SQLException {
    return query.list(
        "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE "
            + named(table, "TABLE_SCHEMA", "TABLE_NAME")
            + " AND IS_NULLABLE = 'NO' AND COLUMN_DEFAULT IS NULL AND EXTRA NOT LIKE"
            + " '%auto_increment%' AND EXTRA NOT LIKE '%GENERATED%' ORDER BY ORDINAL_POSITION",
        row -> text(row, 1));
  }

  /** Returns whether a schema exists that the account can see. */
  public boolean hasSchema(String schema) throws SQLException {
    return query.found(
        "SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = " + literal(schema));
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
    query.forEach(
        sql,
        row -> {
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
        });
    return List.copyOf(indexes.values());
  }

  public boolean isPartitioned(TableName table) throws SQLException {
    return query.found(
        "SELECT 1 FROM information_schema.PARTITIONS WHERE "
            + named(table, "TABLE_SCHEMA", "TABLE_NAME")
            + " AND PARTITION_NAME IS NOT NULL LIMIT 1");
  }

  /**
   * Returns whether the account itself has a privilege on a table. Privileges of its roles are not
   * searched.
   */
  public boolean isGranted(String privilege, TableName table) throws SQLException {
    String grantee =
        " WHERE PRIVILEGE_TYPE = '"
            + privilege
            + "' AND GRANTEE = CONCAT('\\'', LEFT(CURRENT_USER(), CHAR_LENGTH(CURRENT_USER())"
            + " - CHAR_LENGTH(SUBSTRING_INDEX(CURRENT_USER(), '@', -1)) - 1), '\\'@\\'',"
            + " SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '\\'')";
    return query.found("SELECT 1 FROM information_schema.USER_PRIVILEGES" + grantee + " LIMIT 1")
        || query.found(
            "SELECT 1 FROM information_schema.SCHEMA_PRIVILEGES"
                + grantee
                + " AND "
                + literal(Objects.requireNonNull(table.schema()))
                + " LIKE TABLE_SCHEMA LIMIT 1")
        || query.found(
            "SELECT 1 FROM information_schema.TABLE_PRIVILEGES"
                + grantee
                + " AND "
                + named(table, "TABLE_SCHEMA", "TABLE_NAME")
                + " LIMIT 1");
  }

  /** Returns the average number of bytes of a row, by the server's estimate. */
  public long averageRowLength(TableName table) throws SQLException {
    String sql =
        "SELECT COALESCE(AVG_ROW_LENGTH, 0) FROM information_schema.TABLES WHERE "
            + named(table, "TABLE_SCHEMA", "TABLE_NAME");
    return query.first(sql, row -> row.getLong(1)).orElse(0L);
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
    return query.first(sql, row -> row.getLong(1)).orElse(0L);
  }

  /**
   * Returns whether the server ignores values for generated columns, as MariaDB does outside strict
   * mode.
   *
   * @param ignore whether the statement has IGNORE
   */
  public boolean ignoresGenerated(boolean ignore) throws SQLException {
    return ServerKind.isMariaDb(connection)
        && (ignore || !query.found("SELECT 1 FROM DUAL WHERE @@sql_mode LIKE '%STRICT%'"));
  }

  public List<Trigger> beforeUpdateTriggers(TableName table) throws SQLException {
    return triggers(table, Set.of("UPDATE")).stream().filter(Trigger::before).toList();
  }

  public List<Trigger> deleteTriggers(TableName table) throws SQLException {
    return triggers(table, Set.of("DELETE"));
  }

  public List<Trigger> insertTriggers(TableName table) throws SQLException {
    return triggers(table, Set.of("INSERT"));
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
          case EXCHANGE -> Set.of("UPDATE", "DELETE");
          case SELECT -> Set.of();
        });
  }

  /**
   * Returns the triggers that some events fire.
   *
   * @param events among INSERT, UPDATE and DELETE
   */
  public List<Trigger> triggers(TableName table, Set<String> events) throws SQLException {
    String sql =
        "SELECT TRIGGER_SCHEMA, TRIGGER_NAME, ACTION_TIMING = 'BEFORE', ACTION_STATEMENT"
            + " FROM information_schema.TRIGGERS WHERE "
            + named(table, "EVENT_OBJECT_SCHEMA", "EVENT_OBJECT_TABLE")
            + " AND EVENT_MANIPULATION IN ('"
            + String.join("','", events)
            + "')";
    return query.list(
        sql, row -> new Trigger(text(row, 1), text(row, 2), row.getBoolean(3), text(row, 4)));
  }

  private boolean offsetFixed() throws SQLException {
    return query
        .first(
            "SELECT @@session.time_zone, @@system_time_zone",
            row -> text(row, 1).equals("SYSTEM") ? text(row, 2) : text(row, 1))
        .map(zone -> FIXED_OFFSET.matcher(zone).matches())
        .orElseThrow();
  }
}
