package dev.rowmill.sql.statement;

import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.ParsedStatement.TableUse;
import dev.rowmill.sql.parse.StatementParser;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.table.KeyChoice;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checks whether a statement that can't be divided into chunks is small enough to run in one
 * transaction. The limit applies to the rows of each table that it names, and to the product of the
 * rows of the tables that it joins.
 */
final class UndividedLimit {

  /** Limits the product of the joined tables' rows, as a multiple of the limit of one table. */
  private static final long JOINED = 100;

  private final ParsedStatement parsed;
  private final StatementTables tables;
  private final int mostRows;

  /**
   * @param mostRows maximum number of rows of each table; 0 if none is small enough
   */
  UndividedLimit(ParsedStatement parsed, StatementTables tables, int mostRows) {
    this.parsed = parsed;
    this.tables = tables;
    this.mostRows = mostRows;
  }

  /**
   * Rejects a statement that is too large.
   *
   * @param reasons reasons why it can't be divided
   * @throws Refusal with these reasons and the limit
   */
  void refuseLarge(TableName target, Set<Reason> reasons) throws SQLException {
    if (mostRows > 0 && isSmall(target)) {
      return;
    }
    List<Reason> all = new ArrayList<>(reasons);
    if (mostRows > 0) {
      all.add(Reason.of("undivided-limit", "limit", Integer.toString(mostRows)));
    }
    throw reasons.stream().allMatch(KeyChoice::isOfKey)
        ? new Refusal("no-usable-key", Map.of("table", walked(target).written()), all)
        : StatementParser.refusal(new LinkedHashSet<>(all));
  }

  private boolean isSmall(TableName target) throws SQLException {
    Map<TableName, Long> rows = new LinkedHashMap<>();
    Set<TableName> all = new LinkedHashSet<>(tables.standsFor(target));
    for (TableUse use : parsed.tables()) {
      all.addAll(tables.standsFor(use.name()));
    }
    for (TableName table : parsed.subqueryTables()) {
      all.addAll(tables.standsFor(table));
    }
    for (TableName table : all) {
      long found = tables.catalog().rowsUpTo(table, mostRows + 1L);
      if (found > mostRows) {
        return false;
      }
      rows.put(table, found);
    }
    long joined = 1;
    for (TableUse use : parsed.tables()) {
      for (TableName table : tables.standsFor(use.name())) {
        joined *= Math.max(1, rows.getOrDefault(table, 1L));
        if (joined > JOINED * mostRows) {
          return false;
        }
      }
    }
    return true;
  }

  private TableName walked(TableName target) {
    return parsed.tables().isEmpty() ? target : parsed.tables().get(0).name();
  }
}
