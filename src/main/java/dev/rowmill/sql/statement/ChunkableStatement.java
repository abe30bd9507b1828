package dev.rowmill.sql.statement;

import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.ParsedStatement.Kind;
import dev.rowmill.sql.parse.ParsedStatement.Limit;
import dev.rowmill.sql.parse.ParsedStatements;
import dev.rowmill.sql.parse.StatementParser;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.statement.StatementRenderer.Rendered;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.KeyColumn;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.sql.table.ValueTargets;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.task.Definition;
import dev.rowmill.task.Plan;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Represents a statement that has passed all checks except the prepare on the server. It runs chunk
 * by chunk along the key of one of its tables. If it can't be divided and its tables are small, it
 * runs undivided in one transaction.
 *
 * @param table walked table, with its schema
 * @param target changed table, with its schema
 * @param alias alias of the walked table; null if it has none
 * @param partitions PARTITION clause of the walked table; empty without one
 * @param walkedBy key of the walked table; null if the table of an undivided statement has none
 * @param rowKey unique key of that table: the walked key, or another one if the walk uses an index
 *     with the order of a LIMIT
 * @param rendered its text with its values
 * @param written changed table as the statement names it
 * @param parsed its parsed text
 * @param assigned columns that it writes
 * @param needsOrder whether it may fail if its rows are changed in another order. An UPDATE may
 *     write a column of a unique index; then rows may be equal for a moment that are not at the
 *     end. Rows that an INSERT or a DELETE changes may refer to others of the same table
 * @param selected for an INSERT: the column of the walked table behind each assigned column, or
 *     empty
 * @param undivided reasons why it can't be divided into chunks; empty if it can
 * @param limit maximum number of rows that it changes; empty without a limit
 * @param derived cached facts that later layers derive from it, such as the layout of its images
 */
public record ChunkableStatement(
    TableName table,
    TableName target,
    @Nullable String alias,
    String partitions,
    @Nullable ChunkKey walkedBy,
    @Nullable ChunkKey rowKey,
    Rendered rendered,
    String written,
    ParsedStatement parsed,
    List<String> assigned,
    boolean needsOrder,
    List<String> selected,
    List<Reason> undivided,
    OptionalLong limit,
    Derived derived) {

  // Codes of reasons in undivided that other classes check.
  static final String READS_VIEW = "view";
  static final String CHANGES_VIEW = "changes-view";
  static final String ASSIGNS_KEY = "assigns-key";
  static final String TRIGGER_ASSIGNS_KEY = "trigger-assigns-key";

  /** Matches the comparison of a column, with or without its table, with one value. */
  private static final Pattern COMPARISON =
      Pattern.compile("(?:(?:\\w+|`[^`]+`)\\.)?`?(?<column>\\w+)`?\\s*=\\s*\\?");

  private static final ParsedStatements PARSED = new ParsedStatements();

  /** Returns the qualifier of the walked table's columns. */
  public String qualifier() {
    return alias == null ? table.name() : alias;
  }

  /**
   * Returns the key of the walked table.
   *
   * @throws NullPointerException if there is none, which is possible for an undivided statement
   */
  public ChunkKey key() {
    return Objects.requireNonNull(walkedBy, "the table has no key");
  }

  /** Returns whether it runs unchanged in one transaction. */
  public boolean isUndivided() {
    return !undivided.isEmpty();
  }

  /** Returns the number of matching rows within its LIMIT; all without one. */
  public Plan.Count withinLimit(Plan.Count matching) {
    return new Plan.Count(
        Math.min(matching.rows(), limit.orElse(Long.MAX_VALUE)), matching.exact());
  }

  /** Returns whether it reads a table's rows; the rows of a view are not counted. */
  public boolean readsTable() {
    return !parsed.tables().isEmpty() && undivided(READS_VIEW, CHANGES_VIEW).findAny().isEmpty();
  }

  /** Returns whether it changes a table through a view. */
  public boolean changesView() {
    return undivided(CHANGES_VIEW).findAny().isPresent();
  }

  /** Returns whether it, or a trigger, may change a key of the walked table. */
  public boolean changesKey(ChunkKey changed) {
    return undivided(ASSIGNS_KEY, TRIGGER_ASSIGNS_KEY)
        .map(reason -> String.valueOf(reason.arguments().get("column")))
        .anyMatch(
            column ->
                changed.columns().stream().anyMatch(each -> each.name().equalsIgnoreCase(column)));
  }

  private Stream<Reason> undivided(String... codes) {
    return undivided.stream().filter(reason -> Set.of(codes).contains(reason.code()));
  }

  /** Returns whether it reads other tables besides the walked one, outside of subqueries. */
  public boolean hasSeveralSources() {
    return parsed.hasSeveralSources();
  }

  /** Returns whether its condition depends only on the walked row's own values. */
  public boolean conditionIsOfRowAlone() {
    return parsed.conditionOfRowAlone() && !hasSeveralSources() && !isUndivided();
  }

  /**
   * Returns whether the result for a row may depend on the rows before it, as when rows with the
   * same key are ignored or replaced.
   */
  public boolean dependsOnOrder() {
    return parsed.ignore() || parsed.kind() == Kind.REPLACE || !parsed.onDuplicate().isEmpty();
  }

  /**
   * Returns whether its condition compares the only column of its key, a whole number, with one
   * number. The key's index then finds the row, if there is one.
   */
  public boolean findsOneRow() {
    BoundText where = where();
    if (where == null
        || where.values().size() != 1
        || !(where.values().get(0).value() instanceof Long)
        || hasSeveralSources()
        || limit.isPresent()
        || key().columns().size() != 1) {
      return false;
    }
    KeyColumn column = key().columns().get(0);
    Matcher comparison = COMPARISON.matcher(where.sql().strip());
    return column.isWholeNumber()
        && comparison.matches()
        && column.name().equalsIgnoreCase(comparison.group("column"));
  }

  public BoundText head() {
    return rendered.head();
  }

  public BoundText tail() {
    return rendered.tail();
  }

  public @Nullable BoundText where() {
    return rendered.where();
  }

  @Nullable BoundText from() {
    return rendered.from();
  }

  /** Returns the SET list of an UPDATE, without the keyword. */
  public BoundText assignments() {
    return rendered.assignments();
  }

  public BoundText whole() {
    return rendered.whole();
  }

  /** Returns the same statement with other values. */
  public ChunkableStatement with(Rendered other, Map<String, @Nullable Object> parameters) {
    return new ChunkableStatement(
        table,
        target,
        alias,
        partitions,
        walkedBy,
        rowKey,
        other,
        written,
        parsed,
        assigned,
        needsOrder,
        selected,
        undivided,
        limit(parsed, parameters),
        derived);
  }

  /** Returns the parsed text of a statement. */
  public static ParsedStatement parsed(String sql) {
    return PARSED.read(sql);
  }

  /**
   * Parses a statement and renders it with its values, without a database.
   *
   * @throws Refusal if the text shows that the statement can't run
   */
  public static Rendered render(
      String sql, Map<String, @Nullable Object> parameters, String project) {
    return StatementRenderer.render(PARSED.read(sql), parameters, project, ValueTargets.NONE);
  }

  /**
   * Parses a statement and checks it against its tables.
   *
   * @param undividedRows maximum number of rows of each table if it can't be divided
   * @throws Refusal if the statement can't run
   */
  public static ChunkableStatement compile(
      SqlParameters parameters,
      String project,
      Connection connection,
      StatementScope scope,
      int undividedRows)
      throws SQLException {
    return compile(
        PARSED.read(parameters.sql()), parameters, project, connection, scope, undividedRows);
  }

  /**
   * Checks a query for rows, {@code SELECT a, b FROM s.t WHERE …}, against its table. It can always
   * be divided.
   *
   * @param parsed text of the parameters, parsed by {@link StatementParser#parseRows} or {@link
   *     StatementParser#parseExchange}
   * @throws Refusal if its rows can't be walked by a key
   */
  public static ChunkableStatement compileRows(
      ParsedStatement parsed,
      SqlParameters parameters,
      String project,
      Connection connection,
      StatementScope scope)
      throws SQLException {
    return compile(parsed, parameters, project, connection, scope, 0);
  }

  private static ChunkableStatement compile(
      ParsedStatement parsed,
      SqlParameters parameters,
      String project,
      Connection connection,
      StatementScope scope,
      int undividedRows)
      throws SQLException {
    Map<String, @Nullable Object> values = parameters.parameters();
    Rendered first = StatementRenderer.render(parsed, values, project, ValueTargets.NONE);
    OptionalLong limit = limit(parsed, values);
    return new StatementCheck(parsed, parameters.walk(), connection, scope, undividedRows)
        .run(first, targets -> StatementRenderer.render(parsed, values, project, targets), limit);
  }

  /** Returns the definition of the tables that a statement names, even if it can't run. */
  public static Definition definition(
      ParsedStatement parsed, Connection connection, StatementScope scope) throws SQLException {
    return new StatementTables(parsed, connection, scope).readDefinition();
  }

  private static OptionalLong limit(
      ParsedStatement parsed, Map<String, @Nullable Object> parameters) {
    if (parsed.limit().isEmpty()) {
      return OptionalLong.empty();
    }
    Limit limit = parsed.limit().get();
    if (limit.rows() != null) {
      return OptionalLong.of(limit.rows());
    }
    Object value = parameters.get(String.valueOf(limit.parameter()));
    try {
      long rows = value instanceof Number ? new BigDecimal(value.toString()).longValueExact() : -1;
      if (rows >= 0) {
        return OptionalLong.of(rows);
      }
    } catch (ArithmeticException e) {
      // Rejected like any other value that is not a number of rows.
    }
    throw StatementParser.refusal(
        Set.of(Reason.of("limit-value", "parameter", String.valueOf(limit.parameter()))));
  }
}
