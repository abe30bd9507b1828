package dev.rowmill.sql.table;

import dev.rowmill.sql.parse.ParsedStatement.ColumnName;
import dev.rowmill.sql.parse.ParsedStatement.ParameterUse;
import dev.rowmill.sql.value.ValueTarget;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Tells what the places of a statement's parameters are directly compared with or assigned to, as
 * far as the columns of its tables tell. Immutable.
 */
public final class ValueTargets {

  /** Where nothing is known of the tables. */
  public static final ValueTargets NONE = new ValueTargets(List.of());

  /** By the column's name in lower case. */
  private final Map<String, ValueTarget> columns = new HashMap<>();

  /**
   * @param tables the columns of each table that the statement names
   */
  public ValueTargets(List<List<TableDefinition.Column>> tables) {
    for (List<TableDefinition.Column> table : tables) {
      for (TableDefinition.Column column : table) {
        columns.merge(
            column.name().toLowerCase(Locale.ROOT),
            ValueTarget.of(column.type()),
            ValueTargets::both);
      }
    }
  }

  /** Returns what a name stands for that two tables have. */
  private static ValueTarget both(ValueTarget one, ValueTarget another) {
    if (one == another) {
      return one;
    }
    return one.isTemporal() && another.isTemporal() ? ValueTarget.TIMESTAMP : ValueTarget.UNKNOWN;
  }

  /** Returns the target of one place of a parameter. */
  public ValueTarget of(ParameterUse use) {
    ColumnName column = use.column();
    return column == null
        ? ValueTarget.UNKNOWN
        : columns.getOrDefault(column.name().toLowerCase(Locale.ROOT), ValueTarget.UNKNOWN);
  }
}
