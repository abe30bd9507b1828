package dev.rowmill.sql.parse;

import dev.rowmill.task.Refusal.Reason;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the text of a statement says, without a look at the database. Immutable.
 *
 * @param sql the text as the caller wrote it
 * @param start the offset of the first word
 * @param insertInto the table that an INSERT or REPLACE names; null for other kinds
 * @param insertName the text of that name
 * @param tables the tables of the statement's own table list or FROM clause, in their order
 * @param hasOtherSources whether that list also holds derived tables or names of WITH
 * @param from the text of that list; null without one
 * @param deleted the names of the tables that a DELETE deletes from, as written
 * @param assigned the columns that SET gives values to, or that INSERT lists
 * @param hasColumnList whether an INSERT lists its columns
 * @param onDuplicate the columns that ON DUPLICATE KEY UPDATE assigns
 * @param defaulted the columns that an assignment sets to DEFAULT, in lower case
 * @param query of an INSERT: the query that selects its rows; null for other kinds
 * @param selected of an INSERT: for each selected value the column that it is, else empty
 * @param selectsAll whether a {@code *} is among the selected values
 * @param where the top-level condition; null without one
 * @param rangeAt the offset where a condition can be added
 * @param order the ORDER BY of the statement itself
 * @param limit the LIMIT of the statement itself
 * @param orderAndLimit the text of these two; null where there is neither
 * @param ignore whether it is an IGNORE statement
 * @param undivided the reasons why it can't be divided into chunks, as far as its text tells
 * @param subqueryTables every table that is read anywhere but in {@code tables}, as often as it is
 * @param withNames the names that WITH clauses define
 * @param functions the functions that it calls and that the servers do not bring along
 * @param calls the functions that it calls and that servers bring along, as they are written
 * @param parameters each place of a parameter, in the order of the text
 * @param edits the replacements that each rendering makes, in the order of the text
 * @param holdsBytes whether a literal of it is given by its bytes
 * @param conditionOfRowAlone whether the condition depends on nothing but the row's own values
 * @param conditionColumns the column names in the condition, in lower case
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
    Set<String> conditionColumns) {

  public enum Kind {
    UPDATE,
    DELETE,
    INSERT,
    REPLACE,
    /** A check. */
    SELECT;

    /** Returns whether the statement adds rows that a query selects. */
    public boolean inserts() {
      return this == INSERT || this == REPLACE;
    }
  }

  /** Returns whether its own table list holds more than one table. */
  public boolean hasSeveralSources() {
    return tables.size() > 1 || hasOtherSources;
  }

  /**
   * A table in the statement's own table list.
   *
   * @param alias null without one
   * @param nullable whether an outer join may put NULLs in place of its row
   * @param history whether its old versions are read as well
   * @param nameSpan the text of its name
   * @param partitions the text of its PARTITION clause; empty without one
   */
  public record TableUse(
      TableName name,
      @Nullable String alias,
      boolean nullable,
      boolean history,
      TextSpan nameSpan,
      String partitions) {

    /** Returns the name that columns of this table are qualified with. */
    public String qualifier() {
      return alias == null ? name.name() : alias;
    }
  }

  /**
   * A column as it is written.
   *
   * @param qualifier the table or alias in front of it, with its schema; null without one
   */
  public record ColumnName(@Nullable TableName qualifier, String name) {}

  /**
   * One part of an ORDER BY.
   *
   * @param column null for any other expression
   */
  public record OrderPart(@Nullable ColumnName column, boolean descending) {}

  /**
   * A LIMIT with a number of rows and without an offset.
   *
   * @param rows the number; null where it is a parameter
   * @param parameter the parameter's name; null where it is a number
   */
  public record Limit(@Nullable Long rows, @Nullable String parameter) {}

  /** Where a parameter stands. */
  public enum Place {
    /** Where one value stands. */
    VALUE,
    /** Directly behind IN, without parentheses. */
    BEHIND_IN,
    /** As an element of a list behind IN. */
    IN_LIST
  }

  /**
   * One place of a parameter.
   *
   * @param column the column that the value is directly compared with or assigned to; else null
   * @param count whether a number is asked for there, and no expression may stand in its place
   */
  public record ParameterUse(
      String name, TextSpan span, Place place, @Nullable ColumnName column, boolean count) {}

  /** A replacement of a part of the text. */
  public record Edit(TextSpan span, String text) {}
}
