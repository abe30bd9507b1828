package dev.rowmill.sql.statement;

import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.ParsedStatement.Kind;
import dev.rowmill.sql.parse.ParsedStatement.Limit;
import dev.rowmill.sql.parse.ParsedStatements;
import dev.rowmill.sql.parse.StatementParser;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.statement.StatementRenderer.Rendered;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.sql.table.ValueTargets;
import dev.rowmill.sql.value.BoundText;
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
import org.jspecify.annotations.Nullable;

/**
 * A statement that has passed all checks that need no prepared statement. It is run chunk by chunk
 * along the key of one of its tables, or undivided in one transaction where it can't be divided and
 * its tables are small.
 *
 * @param table the table that is walked, with its schema
 * @param target the table that is changed, with its schema
 * @param alias of the walked table, null where it has none
 * @param partitions the PARTITION clause of the walked table; empty without one
 * @param walkedBy the key of the walked table; null where an undivided statement's has none
 * @param rowKey the unique key of that table; the one that it is walked along, or another one where
 *     that is an index which has the order of a LIMIT
 * @param rendered its text with its values
 * @param written the changed table as the statement names it
 * @param parsed what its text says
 * @param assigned the columns that it writes
 * @param selected of an INSERT: for each of these the column of the walked table that it is, or
 *     empty
 * @param undivided the reasons why it can't be divided into chunks; empty where it can
 * @param limit how many rows it changes at most; empty without a limit
 * @param derived a fact that is derived from it, once it is known
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
    List<String> selected,
    List<Reason> undivided,
    OptionalLong limit,
    Derived derived) {

  private static final ParsedStatements PARSED = new ParsedStatements();

  /** Returns what columns of the walked table are qualified with. */
  public String qualifier() {
    return alias == null ? table.name() : alias;
  }

  /**
   * Returns the key of the walked table.
   *
   * @throws NullPointerException when there is none, which an undivided statement's table may have
   */
  public ChunkKey key() {
    return Objects.requireNonNull(walkedBy, "the table has no key");
  }

  /** Returns whether it runs in one transaction, as it is. */
  public boolean isUndivided() {
    return !undivided.isEmpty();
  }

  /** Returns those of the rows that match which its LIMIT lets through, all without one. */
  public Plan.Count withinLimit(Plan.Count matching) {
    return new Plan.Count(
        Math.min(matching.rows(), limit.orElse(Long.MAX_VALUE)), matching.exact());
  }

  /** Returns whether it goes through a table's rows; those of a view are not counted. */
  public boolean readsTable() {
    return !parsed.tables().isEmpty()
        && undivided.stream()
            .noneMatch(reason -> Set.of("view", "changes-view").contains(reason.code()));
  }

  /** Returns whether it reads other tables beside the walked one, outside of subqueries. */
  public boolean hasSeveralSources() {
    return parsed.hasSeveralSources();
  }

  /** Returns whether its condition depends on nothing but the walked row's own values. */
  public boolean conditionIsOfRowAlone() {
    return parsed.conditionOfRowAlone() && !hasSeveralSources() && !isUndivided();
  }

  /**
   * Returns whether what becomes of a row may depend on the rows before it, as where rows with the
   * same key are passed over or replaced.
   */
  public boolean dependsOnOrder() {
    return parsed.ignore() || parsed.kind() == Kind.REPLACE || !parsed.onDuplicate().isEmpty();
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
        selected,
        undivided,
        limit(parsed, parameters),
        derived);
  }

  /** Returns what the text of a statement says. */
  public static ParsedStatement parsed(String sql) {
    return PARSED.read(sql);
  }

  /**
   * Reads a statement and puts its values in; asks no database.
   *
   * @throws Refusal when the statement can't be run, as far as its text tells
   */
  public static Rendered render(
      String sql, Map<String, @Nullable Object> parameters, String project) {
    return StatementRenderer.render(PARSED.read(sql), parameters, project, ValueTargets.NONE);
  }

  /**
   * Reads a statement and compares it with the tables that are there.
   *
   * @param undividedRows how many rows each table may have where it can't be divided
   * @throws Refusal when the statement can't be run
   */
  public static ChunkableStatement compile(
      SqlParameters asked,
      String project,
      Connection connection,
      StatementScope reach,
      int undividedRows)
      throws SQLException {
    ParsedStatement parsed = PARSED.read(asked.sql());
    Map<String, @Nullable Object> values = asked.parameters();
    Rendered first = StatementRenderer.render(parsed, values, project, ValueTargets.NONE);
    OptionalLong limit = limit(parsed, values);
    return new StatementCheck(parsed, asked.walk(), connection, reach, undividedRows)
        .run(first, targets -> StatementRenderer.render(parsed, values, project, targets), limit);
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
      // It is refused like any other value that is no number of rows.
    }
    throw StatementParser.refusal(
        Set.of(Reason.of("limit-value", "parameter", String.valueOf(limit.parameter()))));
  }
}
