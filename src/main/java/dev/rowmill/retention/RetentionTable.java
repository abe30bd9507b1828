package dev.rowmill.retention;

import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.table.TableDefinition.Column;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Describes the table of a retention. Immutable.
 *
 * @param name name with its schema, as the server spells it
 * @param column column with the time of a row
 * @param index name of an index that begins with the column; null where there is none
 * @param keepsEachRow whether each deleted row may have an effect that a dropped partition lacks: a
 *     trigger, which the account sees only with the privilege TRIGGER, or MariaDB's history of rows
 * @param mayDrop whether the account has the privileges to drop partitions; privileges of its roles
 *     don't count
 * @param partitions partitions by this column; null where there are none
 */
public record RetentionTable(
    TableName name,
    Column column,
    @Nullable String index,
    boolean keepsEachRow,
    boolean mayDrop,
    @Nullable RangePartitions partitions) {

  private static final Set<String> NUMBERS =
      Set.of("tinyint", "smallint", "mediumint", "int", "bigint");

  /** Lists the kinds of columns with a time. */
  public enum Kind {
    DATE,
    /** Is a date and time, or a moment. */
    DATETIME,
    /** Is a number of seconds or milliseconds since 1970. */
    NUMBER
  }

  /** Returns the kind of the column; empty when it can hold no time. */
  public Optional<Kind> kind() {
    String type = column.type();
    if (NUMBERS.contains(type)) {
      return Optional.of(Kind.NUMBER);
    }
    return switch (type) {
      case "date" -> Optional.of(Kind.DATE);
      case "datetime", "timestamp" -> Optional.of(Kind.DATETIME);
      default -> Optional.empty();
    };
  }

  /** Returns the name with its schema, as {@link RetentionStatement#isTable} accepts it. */
  public String table() {
    return RetentionStatement.text(name);
  }

  public String columnName() {
    return column.name();
  }

  /** Returns the type of the column, such as {@code datetime}. */
  public String type() {
    return column.type();
  }

  /**
   * Returns the statement that deletes older rows.
   *
   * @param where further condition; null for none
   * @param atMostRows maximum number of rows; null for all
   * @param oldestFirst whether the maximum covers the oldest rows, which needs an index
   */
  public String statement(@Nullable String where, @Nullable Long atMostRows, boolean oldestFirst) {
    return RetentionStatement.of(name, column.name(), where, atMostRows, oldestFirst);
  }

  /** Returns the server's text of what the table is partitioned by; null where it is not. */
  public @Nullable String partitionedBy() {
    return partitions == null ? null : partitions.expression();
  }
}
