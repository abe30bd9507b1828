package dev.rowmill.sql.parse;

import dev.rowmill.task.Refusal.Reason;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Holds all that was read from the text of a statement, without the database. Immutable.
 *
 * @param sql the text as the caller wrote it
 * @param start offset of the first word
 * @param insertInto table that an INSERT or REPLACE names; null for other kinds
 * @param insertName text of that name
 * @param tables tables of the statement's own table list or FROM clause, in their order
 * @param hasOtherSources whether that list also contains derived tables or names of WITH
 * @param from text of that list; null without one
 * @param deleted names of the tables that a DELETE deletes from, as written
 * @param deletesFromOne whether it is {@code DELETE FROM} one table, without an alias or WITH
 * @param assigned columns that SET assigns, or that INSERT lists
 * @param hasColumnList whether an INSERT lists its columns
 * @param onDuplicate columns that ON DUPLICATE KEY UPDATE assigns
 * @param defaulted columns that an assignment sets to DEFAULT, in lower case
 * @param query query that selects the rows of an INSERT; null for other kinds
 * @param selected for an INSERT, the column behind each selected value, or empty
 * @param selectsAll whether a {@code *} is among the selected values
 * @param where top-level condition; null without one
 * @param rangeAt offset where a condition can be added
 * @param order ORDER BY of the statement itself
 * @param limit LIMIT of the statement itself
 * @param orderAndLimit text of these two; null if there is neither
 * @param ignore whether it has IGNORE
 * @param undivided reasons in its text why it can't be divided into chunks
 * @param subqueryTables every table that is read anywhere but in {@code tables}, once per use
 * @param withNames names that WITH clauses define
 * @param functions called functions that are not the servers' own
 * @param calls called functions that are the servers' own, as written
 * @param parameters each use of a parameter, in the order of the text
 * @param edits replacements that each rendering makes, in the order of the text
 * @param holdsBytes whether it contains a literal in bytes
 * @param conditionOfRowAlone whether the condition depends only on the row's own values
 * @param conditionColumns column names in the condition, in lower case
 * @param assignments text of the SET list of an UPDATE; null for other kinds
 * @param assignmentsOfRowAlone whether the assigned values depend only on the row's own values,
 *     except those of {@code currentTimes}
 * @param assignmentColumns column names in the assigned values, in lower case
 * @param currentTimes columns to which only the current time is assigned, in lower case
 */
public record ParsedStatement(
    String sql,
    Kind kind,
    int start,
    @Nullable TableName insertInto,
    @Nullable TextSpan insertName,
    List<TableUse> tables,
    boolean hasOtherSources,
    @Nullable TextSpan from,
    List<TableName> deleted,
    boolean deletesFromOne,
    List<ColumnName> assigned,
    boolean hasColumnList,
    List<ColumnName> onDuplicate,
    Set<String> defaulted,
    @Nullable TextSpan query,
    List<String> selected,
    boolean selectsAll,
    @Nullable TextSpan where,
    int rangeAt,
    List<OrderPart> order,
    Optional<Limit> limit,
    @Nullable TextSpan orderAndLimit,
    boolean ignore,
    List<Reason> undivided,
    List<TableName> subqueryTables,
    Set<String> withNames,
    Set<String> functions,
    Set<String> calls,
    List<ParameterUse> parameters,
    List<Edit> edits,
    boolean holdsBytes,
    boolean conditionOfRowAlone,
    Set<String> conditionColumns,
    @Nullable TextSpan assignments,
    boolean assignmentsOfRowAlone,
    Set<String> assignmentColumns,
    Set<String> currentTimes) {

  public enum Kind {
    UPDATE,
    DELETE,
    INSERT,
    REPLACE,
    /** Represents a query that only reads: a check, or one for rows. */
    SELECT,
    /** Represents a query for rows that others then change. */
    EXCHANGE;

    /** Returns whether the statement adds rows that a query selects. */
    public boolean inserts() {
      return this == INSERT || this == REPLACE;
    }

    /** Returns whether the statement itself changes nothing. */
    public boolean selects() {
      return this == SELECT || this == EXCHANGE;
    }
  }

  /** Returns whether its own table list holds more than one table. */
  public boolean hasSeveralSources() {
    return tables.size() > 1 || hasOtherSources;
  }

  /**
   * Represents a table in the statement's own table list.
   *
   * @param alias null without one
   * @param nullable whether an outer join may put NULLs in place of its row
   * @param history whether its old versions are read as well
   * @param nameSpan text of its name
   * @param partitions text of its PARTITION clause; empty without one
   */
  public record TableUse(
      TableName name,
      @Nullable String alias,
      boolean nullable,
      boolean history,
      TextSpan nameSpan,
      String partitions) {

    /** Returns the qualifier of this table's columns. */
    public String qualifier() {
      return alias == null ? name.name() : alias;
    }
  }

  /**
   * Represents a column as it is written.
   *
   * @param qualifier table or alias before it, with its schema; null without one
   */
  public record ColumnName(@Nullable TableName qualifier, String name) {}

  /**
   * Represents one part of an ORDER BY.
   *
   * @param column null for any other expression
   */
  public record OrderPart(@Nullable ColumnName column, boolean descending) {}

  /**
   * Represents a LIMIT with a number of rows and without an offset.
   *
   * @param rows the number; null if it is a parameter
   * @param parameter name of the parameter; null if it is a number
   */
  public record Limit(@Nullable Long rows, @Nullable String parameter) {}

  /** Represents the syntactic position of a parameter. */
  public enum Position {
    /** Replaces a single value. */
    VALUE,
    /** Follows IN directly, without parentheses. */
    BEHIND_IN,
    /** Replaces an element of a list after IN. */
    IN_LIST
  }

  /**
   * Represents one use of a parameter.
   *
   * @param column column that the value is directly compared with or assigned to; else null
   * @param count whether a number is required there, and an expression is not allowed
   */
  public record ParameterUse(
      String name, TextSpan span, Position position, @Nullable ColumnName column, boolean count) {}

  /** Represents a replacement of a part of the text. */
  public record Edit(TextSpan span, String text) {}
}
