package dev.rowmill.sql;

import dev.rowmill.sql.TableDefinition.Column;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A column that rows can be walked along: how its value becomes exact text, and how that text
 * becomes a constant of the column's own type, so that a comparison is a range of the index.
 *
 * @param toText SQL with {@code %s} for the column
 * @param toValue SQL with {@code %s} for the text
 * @param integer whether the value is a whole number, and its text that number's
 * @param cost how long and slow to compare, the less the better
 */
record KeyColumn(String name, String toText, String toValue, boolean integer, int cost) {

  /** Those whose way to Unicode and back is exact; the multi-byte ones of old are not. */
  private static final Set<String> CHARSETS =
      Set.of(
          "utf8mb4",
          "utf8mb3",
          "utf8",
          "ucs2",
          "utf16",
          "utf16le",
          "utf32",
          "ascii",
          "latin1",
          "latin2",
          "latin5",
          "latin7",
          "cp1250",
          "cp1251",
          "cp1256",
          "cp1257",
          "cp850",
          "cp852",
          "cp866",
          "dec8",
          "greek",
          "hebrew",
          "hp8",
          "keybcs2",
          "koi8r",
          "koi8u",
          "macce",
          "macroman",
          "armscii8",
          "geostd8",
          "swe7",
          "tis620");

  private static final Set<String> INTEGERS =
      Set.of("tinyint", "smallint", "mediumint", "int", "bigint");

  /** Why a column can't be part of a key, or how it can. */
  record Judgement(@Nullable KeyColumn column, String code) {
    Optional<KeyColumn> usable() {
      return Optional.ofNullable(column);
    }
  }

  static Judgement of(Column column, boolean offsetFixed) {
    String type = column.type();
    String asChar = "CAST(%s AS CHAR)";
    return switch (type) {
      case "tinyint", "smallint", "mediumint", "int", "bigint" ->
          usable(
              column,
              asChar,
              column.fullType().contains("unsigned") || column.fullType().contains("zerofill")
                  ? "CAST(%s AS UNSIGNED)"
                  : "CAST(%s AS SIGNED)",
              1);
      case "year" -> usable(column, asChar, "CAST(%s AS UNSIGNED)", 1);
      case "decimal" ->
          usable(
              column,
              asChar,
              "CAST(%s AS DECIMAL(" + column.precision() + "," + column.scale() + "))",
              2);
      case "date" -> usable(column, asChar, "CAST(%s AS DATE)", 1);
      case "time" -> usable(column, asChar, "CAST(%s AS TIME(" + column.fraction() + "))", 1);
      case "datetime" -> usable(column, asChar, dateTime(column), 1);
      case "timestamp" ->
          offsetFixed
              ? usable(column, asChar, dateTime(column), 2)
              : new Judgement(null, "key-time-zone");
      case "char", "varchar" -> text(column);
      case "binary", "varbinary" -> usable(column, "HEX(%s)", "UNHEX(%s)", 3);
      case "uuid", "inet4", "inet6" -> usable(column, asChar, "CAST(%s AS " + type + ")", 3);
      default -> new Judgement(null, "key-column-type");
    };
  }

  private static Judgement text(Column column) {
    String charset = column.charset();
    if (charset == null || !CHARSETS.contains(charset)) {
      return new Judgement(null, "key-charset");
    }
    return usable(
        column,
        "CONVERT(%s USING utf8mb4)",
        "CONVERT(%s USING " + charset + ") COLLATE " + column.collation(),
        4);
  }

  private static String dateTime(Column column) {
    return "CAST(%s AS DATETIME(" + column.fraction() + "))";
  }

  private static Judgement usable(Column column, String toText, String toValue, int cost) {
    boolean integer = INTEGERS.contains(column.type());
    return new Judgement(new KeyColumn(column.name(), toText, toValue, integer, cost), "");
  }

  String in(String qualifier) {
    return TableName.quoted(qualifier) + "." + TableName.quoted(name);
  }

  String text(String qualifier) {
    return put(toText, in(qualifier));
  }

  /** The constant for a bound value. */
  String value() {
    if (integer) {
      return "?";
    }
    // MySQL evaluates an expression of constants again for each row that it updates, so numbers go
    // as they are. For the others: MySQL takes a bare question mark inside of CAST(? AS UNSIGNED)
    // for a signed number, and cuts
    // what is beyond 2^63 without a word.
    return put(toValue, "CONVERT(? USING utf8mb4)");
  }

  /** What to bind for {@link #value()}. */
  BoundText.Value bound(String text) {
    if (!integer) {
      return new BoundText.Value(text);
    }
    BigInteger number = new BigInteger(text);
    return new BoundText.Value(
        number.bitLength() < Long.SIZE ? (Object) number.longValue() : new BigDecimal(number));
  }

  /** Whether the value comes back unharmed from its text. */
  String exact(String qualifier) {
    return "(" + in(qualifier) + " <=> " + put(toValue, text(qualifier)) + ")";
  }

  private static String put(String template, String value) {
    return template.replace("%s", value);
  }
}
