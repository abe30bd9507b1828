package dev.rowmill.retention;

import dev.rowmill.sql.SqlCheck;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.table.CatalogQuery;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Describes the partitions of a table that is partitioned by RANGE on one column, or on a function
 * of it that never decreases. Immutable.
 *
 * @param expression the server's text of what the table is partitioned by
 * @param value SQL that computes the same of the parameter {@code before}
 * @param partitions all partitions, the lowest first
 */
record RangePartitions(String expression, String value, List<Partition> partitions) {

  /** Lists the functions that never decrease while their argument increases. */
  private static final Set<String> RISING =
      Set.of("to_days", "to_seconds", "year", "unix_timestamp");

  private static final String MAXVALUE = "MAXVALUE";
  private static final String BOUND = "bound";

  /**
   * Represents a partition.
   *
   * @param bound the server's text of the value that all its rows are below
   */
  record Partition(String name, String bound) {}

  /** Holds what the catalog says about how a table is partitioned. */
  private record Method(String name, String expression) {}

  /**
   * Reads the partitions of a table.
   *
   * @return empty when it is not partitioned by RANGE on this column alone
   */
  static Optional<RangePartitions> read(Connection connection, TableName table, String column)
      throws SQLException {
    List<Method> methods = new ArrayList<>();
    // A partition with subpartitions has a row for each of them.
    Map<String, Partition> partitions = new LinkedHashMap<>();
    new CatalogQuery(connection)
        .forEach(
            "SELECT PARTITION_NAME, PARTITION_METHOD, PARTITION_EXPRESSION, PARTITION_DESCRIPTION"
                + " FROM information_schema.PARTITIONS WHERE "
                + CatalogQuery.named(table, "TABLE_SCHEMA", "TABLE_NAME")
                + " AND PARTITION_NAME IS NOT NULL ORDER BY PARTITION_ORDINAL_POSITION",
            row -> {
              String name = CatalogQuery.text(row, 1);
              methods.add(new Method(CatalogQuery.text(row, 2), CatalogQuery.text(row, 3)));
              partitions.putIfAbsent(name, new Partition(name, CatalogQuery.text(row, 4)));
            });
    return methods.isEmpty()
        ? Optional.empty()
        : value(methods.get(0), column)
            .map(
                value ->
                    new RangePartitions(
                        methods.get(0).expression, value, List.copyOf(partitions.values())));
  }

  private static Optional<String> value(Method method, String column) {
    String expression = method.expression.toLowerCase(Locale.ROOT).replace(" ", "");
    String quoted = TableName.quoted(column).toLowerCase(Locale.ROOT).replace(" ", "");
    String before = ":" + RetentionStatement.BEFORE;
    if (!Set.of("RANGE", "RANGE COLUMNS").contains(method.name)) {
      return Optional.empty();
    } else if (expression.equals(quoted)) {
      return Optional.of(before);
    }
    return RISING.stream()
        .filter(function -> expression.equals(function + "(" + quoted + ")"))
        .findFirst()
        .map(function -> function + "(" + before + ")");
  }

  /**
   * Returns the names of the partitions of which every row is older. The highest partition, which
   * takes new rows, is never among them.
   *
   * @param before value of a statement's parameter
   * @param nullable whether the column may be NULL; such rows are in the lowest partition
   * @param connection with auto-commit
   */
  List<String> olderThan(
      Object before, boolean nullable, SqlCheck check, String project, Connection connection)
      throws SQLException {
    List<String> older = new ArrayList<>();
    for (int i = 0; i < partitions.size() - 1; i++) {
      Partition partition = partitions.get(i);
      if (!isOlder(partition, before, check, project, connection)) {
        break;
      } else if (i > 0 || !nullable) {
        older.add(partition.name);
      }
    }
    return List.copyOf(older);
  }

  private boolean isOlder(
      Partition partition, Object before, SqlCheck check, String project, Connection connection)
      throws SQLException {
    if (partition.bound.equals(MAXVALUE)) {
      return false;
    }
    boolean isText = partition.bound.startsWith("'");
    String sql =
        "SELECT " + (isText ? "CAST(:bound AS DATETIME(6))" : ":bound") + " <= (" + value + ")";
    Object bound =
        isText
            ? partition.bound.substring(1, partition.bound.length() - 1)
            // A BIGINT UNSIGNED may be larger than a long.
            : new BigInteger(partition.bound);
    Map<String, @Nullable Object> values = Map.of(BOUND, bound, RetentionStatement.BEFORE, before);
    return check.evaluate(sql, values, project, connection).isEmpty();
  }
}
