package dev.rowmill.sql.table;

import dev.rowmill.sql.parse.ParsedStatement.ColumnName;
import dev.rowmill.sql.parse.ParsedStatement.ParameterUse;
import dev.rowmill.sql.value.ValueTarget;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Finds the columns that a statement's parameters are directly compared with or assigned to.
 * Immutable.
 */
public final class ValueTargets {

  /** Represents a statement whose tables are unknown. */
  public static final ValueTargets NONE = new ValueTargets(List.of());

  /** Maps a column's name, in lower case, to its target. */
  private final Map<String, ValueTarget> columns = new HashMap<>();

  /**
   * @param tables columns of each table that the statement names
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

  /** Returns the target of a column name that two tables have. */
  private static ValueTarget both(ValueTarget one, ValueTarget another) {
    if (one == another) {
      return one;
    }
    return one.isTemporal() && another.isTemporal() ? ValueTarget.TIMESTAMP : ValueTarget.UNKNOWN;
  }

  /** Classifies the column that a parameter is compared with or assigned to at one place. */
  public ValueTarget of(ParameterUse use) {
    ColumnName column = use.column();
    return column == null
        ? ValueTarget.UNKNOWN
        : columns.getOrDefault(column.name().toLowerCase(Locale.ROOT), ValueTarget.UNKNOWN);
  }
}
