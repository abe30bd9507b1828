package dev.rowmill.changes;

import dev.rowmill.sql.run.ImageColumn;
import dev.rowmill.sql.run.KeyFilter;
import dev.rowmill.task.Refusal.Reason;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Selects rows by the first column of their key, which must be a number, a date or a time. Texts
 * can't be compared without the server's collation.
 *
 * @param from least value, as text; null for no limit
 * @param to greatest value, as text; null for no limit
 */
public record KeyInterval(@Nullable String from, @Nullable String to) implements KeyFilter {

  private static final Pattern DATE_TIME =
      Pattern.compile("(\\d{4}-\\d\\d-\\d\\d)(?:[ T](\\d\\d:\\d\\d:\\d\\d)(?:\\.(\\d{1,6}))?)?");

  private static final Pattern TIME =
      Pattern.compile("(-?)(\\d{1,3}):(\\d\\d):(\\d\\d(?:\\.\\d{1,6})?)");

  @Override
  public boolean isOfAll() {
    return from == null && to == null;
  }

  /**
   * {@inheritDoc}
   *
   * @throws InvalidSelectionException if the column is of another type, or a limit is no value of
   *     it
   */
  @Override
  public Predicate<byte[]> of(ImageColumn column) {
    String type = column.type().split("[( ]", 2)[0];
    return switch (type) {
      case "tinyint",
          "smallint",
          "mediumint",
          "int",
          "bigint",
          "decimal",
          "float",
          "double",
          "bit",
          "year" ->
          within(KeyInterval::string, KeyInterval::number, "not-a-number");
      case "date", "datetime" ->
          within(KeyInterval::string, KeyInterval::dateTime, "not-a-date-or-time");
      case "timestamp" ->
          within(new ReadableColumn(column)::shown, KeyInterval::dateTime, "not-a-date-or-time");
      case "time" -> within(KeyInterval::string, KeyInterval::time, "not-a-date-or-time");
      default ->
          throw new InvalidSelectionException(
              from == null ? "to" : "from", Reason.of("key-not-ordered", "column", column.name()));
    };
  }

  /**
   * Returns the condition for values.
   *
   * @param shown returns the text of a stored value
   * @param parse returns what texts are compared by; null if it is none
   */
  private <T extends Comparable<T>> Predicate<byte[]> within(
      Function<byte[], String> shown, Function<String, @Nullable T> parse, String reason) {
    T least = limit("from", from, parse, reason);
    T greatest = limit("to", to, parse, reason);
    return value -> {
      T parsed = parse.apply(shown.apply(value));
      return parsed != null
          && (least == null || parsed.compareTo(least) >= 0)
          && (greatest == null || parsed.compareTo(greatest) <= 0);
    };
  }

  private static <T> @Nullable T limit(
      String field, @Nullable String text, Function<String, @Nullable T> parse, String reason) {
    if (text == null) {
      return null;
    }
    T limit = parse.apply(text);
    if (limit == null) {
      throw new InvalidSelectionException(field, Reason.of(reason));
    }
    return limit;
  }

  private static String string(byte[] value) {
    return new String(value, StandardCharsets.US_ASCII);
  }

  private static @Nullable BigDecimal number(String text) {
    try {
      return new BigDecimal(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** Returns a date with a time of six decimals, whose order is that of the texts. */
  private static @Nullable String dateTime(String text) {
    Matcher parts = DATE_TIME.matcher(text);
    if (!parts.matches()) {
      return null;
    }
    String time = parts.group(2) == null ? "00:00:00" : parts.group(2);
    String fraction = parts.group(3) == null ? "" : parts.group(3);
    return parts.group(1) + ' ' + time + '.' + (fraction + "000000").substring(0, 6);
  }

  /** Returns the seconds of a time, which may be negative. */
  private static @Nullable BigDecimal time(String text) {
    Matcher parts = TIME.matcher(text);
    if (!parts.matches()) {
      return null;
    }
    long minutes = Long.parseLong(parts.group(2)) * 60 + Long.parseLong(parts.group(3));
    BigDecimal seconds = BigDecimal.valueOf(minutes * 60).add(new BigDecimal(parts.group(4)));
    return parts.group(1).isEmpty() ? seconds : seconds.negate();
  }
}
