package dev.rowmill.sql;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a statement says.
 *
 * @param sql the original text
 * @param target the table that it changes
 * @param walked the table that it goes through row by row: the target, or the source of an INSERT
 * @param alias of the walked table
 * @param assigned the columns that get values
 * @param selected of an INSERT, in their order: the names of the columns that it takes as they are,
 *     empty for any other expression
 * @param where index of the first token of the top-level condition, or -1
 * @param subqueryTables every table named in a subquery, names of WITH included
 * @param withNames the names that WITH clauses define
 */
record Reading(
    String sql,
    Kind kind,
    List<Token> tokens,
    TableName target,
    TableName walked,
    @Nullable String alias,
    List<String> assigned,
    List<String> selected,
    int where,
    Set<TableName> subqueryTables,
    Set<String> withNames) {

  enum Kind {
    UPDATE,
    DELETE,
    INSERT,
    /** A check, which names all its tables as subqueries do. */
    SELECT
  }
}
