package dev.rowmill.changes;

import dev.rowmill.sql.run.ChangedRows;
import dev.rowmill.sql.run.ImageColumn;
import dev.rowmill.task.Refusal.Reason;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Selects rows by the first column of their key, which must be a number, a date or a time. Texts
 * can't be compared without the server's collation.
 *
 * @param from least value, as text; null for no limit
 * @param to greatest value, as text; null for no limit
 */
public record KeyInterval(@Nullable String from, @Nullable String to) {

  /** Selects all rows. */
  public static final KeyInterval ALL = new KeyInterval(null, null);

  /**
   * Returns the condition for rows.
   *
   * @throws InvalidSelectionException if the key begins with a column of another type, or a limit
   *     is no number where the column is one
   */
  Predicate<ChangedRows.Row> of(ChangedRows rows) {
    if (from == null && to == null) {
      return row -> true;
    }
    ImageColumn column = rows.keys().get(0);
    return switch (column.form()) {
      case INTEGER, DECIMAL, UNSIGNED -> {
        Optional<BigDecimal> least = number("from", from);
        Optional<BigDecimal> greatest = number("to", to);
        yield row -> {
          var value = new BigDecimal(text(row));
          return least.filter(limit -> value.compareTo(limit) < 0).isEmpty()
              && greatest.filter(limit -> value.compareTo(limit) > 0).isEmpty();
        };
      }
      case PLAIN ->
          row -> {
            String value = text(row);
            return (from == null || value.compareTo(from) >= 0)
                && (to == null || value.compareTo(to) <= 0);
          };
      default ->
          throw new InvalidSelectionException(
              from == null ? "to" : "from", Reason.of("key-not-ordered", "column", column.name()));
    };
  }

  private static String text(ChangedRows.Row row) {
    return new String(row.key()[0], StandardCharsets.US_ASCII);
  }

  private static Optional<BigDecimal> number(String field, @Nullable String limit) {
    try {
      return Optional.ofNullable(limit).map(BigDecimal::new);
    } catch (NumberFormatException e) {
      throw new InvalidSelectionException(field, Reason.of("not-a-number"));
    }
  }
}
