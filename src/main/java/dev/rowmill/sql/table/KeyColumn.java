package dev.rowmill.sql.table;

import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.sql.value.BoundText;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Describes a column along which rows can be walked. It converts a value to exact text, and that
 * text to a constant of the column's own type. So a comparison is an index range.
 *
 * @param toText SQL with {@code %s} for the column
 * @param toValue SQL with {@code %s} for the text
 * @param cost relative cost of a comparison; less is better
 * @param choices how many numbers its values may have, from 0 on, if servers find single values in
 *     an index but no range of them; 0 for all other columns
 * @param descending whether the walk is from its large values to the small ones
 */
public record KeyColumn(
    String name,
    String toText,
    String toValue,
    Form form,
    int cost,
    int choices,
    boolean descending) {

  /** Represents how a value is read and bound. */
  enum Form {
    /** Reads and binds a whole number. */
    INTEGER,
    /** Reads and binds the server's text of the value. */
    PLAIN,
    /** Reads a double, or a float as a double; no server's text is exact for all of them. */
    REAL,
    /** Reads and binds bytes. */
    BYTES,
    /** Reads text whose bytes are UTF-8, and binds it as bytes. */
    UTF8,
    /** Reads and binds text of a character set that {@link #EXACT} lists. */
    TEXT,
    /** Does the same, but binds ASCII as bytes. */
    ASCII,
    /**
     * Reads text of another character set, and binds it as text or as bytes, depending on which is
     * exact.
     */
    CONVERTED,
    /** Reads the number of one of a few values. */
    CHOICE
  }

  private static final Set<String> UTF8 = Set.of("utf8mb4", "utf8mb3", "utf8");

  /**
   * Lists the character sets with a Unicode character for every byte: their texts are always exact.
   */
  private static final Set<String> EXACT =
      Set.of(
          "cp850",
          "cp852",
          "cp866",
          "keybcs2",
          "koi8r",
          "koi8u",
          "latin1",
          "latin2",
          "latin5",
          "latin7",
          "macce",
          "macroman");

  /**
   * Limits the choices of a column, since the conditions name each number and would become long.
   */
  static final int MOST_CHOICES = 256;

  private static final String AS_CHAR = "CAST(%s AS CHAR)";
  private static final String NUMBER_AS_CHAR = "CAST(CAST(%s AS UNSIGNED) AS CHAR)";

  /** Returns whether its values are whole numbers. */
  public boolean isWholeNumber() {
    return form == Form.INTEGER;
  }

  /** Holds a column that can be part of a key, or the code of the reason why it can't. */
  record Judgement(@Nullable KeyColumn column, String code) {
    Optional<KeyColumn> usable() {
      return Optional.ofNullable(column);
    }
  }

  static Judgement of(Column column, TableDefinition table) {
    String type = column.type();
    return switch (type) {
      case "tinyint", "smallint", "mediumint", "int", "bigint" ->
          usable(
              column,
              Form.INTEGER,
              AS_CHAR,
              column.fullType().contains("unsigned") || column.fullType().contains("zerofill")
                  ? "CAST(%s AS UNSIGNED)"
                  : "CAST(%s AS SIGNED)",
              1);
      case "bit" -> usable(column, Form.INTEGER, NUMBER_AS_CHAR, "CAST(%s AS UNSIGNED)", 1);
      case "year" ->
          // 1901 and 2001 are both 01 in a YEAR(2).
          column.fullType().startsWith("year(2)")
              ? new Judgement(null, "key-column-type")
              : usable(column, Form.PLAIN, AS_CHAR, "CAST(%s AS UNSIGNED)", 1);
      case "decimal" ->
          usable(
              column,
              Form.PLAIN,
              AS_CHAR,
              "CAST(%s AS DECIMAL(" + column.precision() + "," + column.scale() + "))",
              2);
      case "float", "double" ->
          usable(
              column,
              Form.REAL,
              "CAST(%s AS DOUBLE)",
              "CAST(%s AS DOUBLE)",
              type.equals("float") ? 2 : 3);
      case "date" -> usable(column, Form.PLAIN, AS_CHAR, "CAST(%s AS DATE)", 1);
      case "time" ->
          usable(column, Form.PLAIN, AS_CHAR, "CAST(%s AS TIME(" + column.fraction() + "))", 1);
      case "datetime" -> usable(column, Form.PLAIN, AS_CHAR, dateTime(column), 1);
      case "timestamp" ->
          table.temporalOffsetFixed()
              ? usable(column, Form.PLAIN, AS_CHAR, dateTime(column), 2)
              : new Judgement(null, "key-time-zone");
      case "char" ->
          table.ofMariaDb() && isNoPad(column)
              ? new Judgement(null, "key-no-pad")
              : text(column, table.ofMariaDb());
      case "varchar" -> text(column, table.ofMariaDb());
      case "binary", "varbinary" -> usable(column, Form.BYTES, "HEX(%s)", "%s", 3);
      case "uuid", "inet4", "inet6" ->
          usable(column, Form.PLAIN, AS_CHAR, "CAST(%s AS " + type + ")", 3);
      case "enum" -> choice(column, 1L + column.members());
      case "set" ->
          choice(column, column.members() < Integer.SIZE ? 1L << column.members() : Long.MAX_VALUE);
      default -> new Judgement(null, "key-column-type");
    };
  }

  private static Judgement choice(Column column, long choices) {
    return choices > MOST_CHOICES
        ? new Judgement(null, "key-members")
        : new Judgement(
            new KeyColumn(
                column.name(),
                NUMBER_AS_CHAR,
                "CAST(%s AS UNSIGNED)",
                Form.CHOICE,
                2,
                (int) choices,
                false),
            "");
  }

  /**
   * Returns whether trailing spaces of a text count. MariaDB includes them in the index of a CHAR
   * and omits them in comparisons. The two then differ in where a tab sorts, and a range has gaps.
   */
  private static boolean isNoPad(Column column) {
    String collation = String.valueOf(column.collation());
    return collation.contains("nopad") || collation.contains("_0900_");
  }

  private static Judgement text(Column column, boolean ofMariaDb) {
    String charset = column.charset();
    String collation = column.collation();
    if (charset == null || collation == null) {
      return new Judgement(null, "key-column-type");
    }
    String ofBytes = "CONVERT(%s USING " + charset + ") COLLATE " + collation;
    String asUnicode = "CONVERT(%s USING utf8mb4)";
    if (EXACT.contains(charset)) {
      // The bytes of ASCII need no conversion. MySQL does not need that, and reads wrong rows if a
      // prepared statement is executed with bytes and then with text.
      return usable(column, ofMariaDb ? Form.ASCII : Form.TEXT, asUnicode, ofBytes, 4);
    }
    if (UTF8.contains(charset)) {
      return usable(column, Form.UTF8, "HEX(%s)", ofBytes, 4);
    }
    // Many bytes are no Unicode character, or share one with another byte.
    String back = put(ofBytes, asUnicode);
    return usable(
        column,
        Form.CONVERTED,
        "CONCAT(HEX(%s), IF(%s <=> " + back + ", CONCAT(':', " + asUnicode + "), ''))",
        "COALESCE(CONVERT(UNHEX(?) USING "
            + charset
            + "), CONVERT(CONVERT(? USING utf8mb4) USING "
            + charset
            + ")) COLLATE "
            + collation,
        5);
  }

  private static String dateTime(Column column) {
    return "CAST(%s AS DATETIME(" + column.fraction() + "))";
  }

  private static Judgement usable(
      Column column, Form form, String toText, String toValue, int cost) {
    return new Judgement(new KeyColumn(column.name(), toText, toValue, form, cost, 0, false), "");
  }

  /** Returns the same column, walked in a given direction. */
  public KeyColumn descending(boolean walk) {
    return new KeyColumn(name, toText, toValue, form, cost, choices, walk);
  }

  /** Returns whether a value of this column means the same in the other. */
  public boolean isLike(KeyColumn other) {
    return form != Form.CHOICE
        && equals(
            new KeyColumn(
                name, other.toText, other.toValue, other.form, other.cost, 0, descending));
  }

  public boolean integer() {
    return form == Form.INTEGER;
  }

  public String in(String qualifier) {
    return TableName.quoted(qualifier) + "." + TableName.quoted(name);
  }

  /** Returns SQL for the value in the format that {@link #read} expects. */
  String text(String qualifier) {
    return put(toText, in(qualifier));
  }

  /** Returns the value of a column that was selected by {@link #text}. */
  KeyValue read(ResultSet row, int index) throws SQLException {
    if (form == Form.REAL) {
      return KeyValue.text(Double.toString(row.getDouble(index)));
    }
    String selected = String.valueOf(row.getString(index));
    return switch (form) {
      case INTEGER, PLAIN, REAL, BYTES, TEXT, ASCII, CHOICE -> KeyValue.text(selected);
      case UTF8 -> KeyValue.ofUtf8(selected);
      case CONVERTED -> {
        int colon = selected.indexOf(':');
        yield colon < 0
            ? KeyValue.bytes(selected)
            : KeyValue.of(selected.substring(colon + 1), selected.substring(0, colon));
      }
    };
  }

  /**
   * Returns SQL for the constant of a bound value. Servers evaluate a constant expression again for
   * each row that they update, so it converts as little as possible.
   */
  String value() {
    return switch (form) {
      case INTEGER, BYTES -> "?";
      case UTF8, TEXT, ASCII, CHOICE -> put(toValue, "?");
      case CONVERTED -> toValue;
      // MySQL treats a bare question mark inside of CAST(? AS UNSIGNED) as a signed number, and
      // silently truncates values beyond 2^63.
      case PLAIN, REAL -> put(toValue, "CONVERT(? USING utf8mb4)");
    };
  }

  /** Returns the values to bind for {@link #value()}, one for each question mark. */
  public List<BoundText.Value> bound(KeyValue key) {
    return switch (form) {
      case INTEGER, CHOICE -> List.of(new BoundText.Value(number(key.text())));
      case PLAIN, REAL, TEXT -> List.of(new BoundText.Value(key.text()));
      case BYTES -> List.of(new BoundText.Value(BoundText.Bytes.ofHex(key.text())));
      case UTF8 -> List.of(new BoundText.Value(BoundText.Bytes.ofHex(key.utf8())));
      case ASCII ->
          List.of(
              new BoundText.Value(key.isAscii() ? BoundText.Bytes.ofHex(key.utf8()) : key.text()));
      case CONVERTED ->
          key.bytes()
              ? List.of(new BoundText.Value(key.text()), new BoundText.Value(null))
              : List.of(new BoundText.Value(null), new BoundText.Value(key.text()));
    };
  }

  private static Object number(String text) {
    BigInteger number = new BigInteger(text);
    return number.bitLength() < Long.SIZE ? (Object) number.longValue() : new BigDecimal(number);
  }

  /**
   * Returns a condition that compares the column with a value.
   *
   * @param operator one of {@code < <= = >= >}
   */
  public String compared(String qualifier, String operator) {
    if (form != Form.CHOICE) {
      return in(qualifier) + " " + operator + " " + value();
    }
    if (operator.equals("=")) {
      return isOne(qualifier, value());
    }
    StringBuilder each = new StringBuilder("(");
    for (int number = 0; number < choices; number++) {
      each.append(number == 0 ? "(" : " OR (").append(isOne(qualifier, "" + number));
      each.append(" AND ").append(number).append(' ').append(operator).append(" ?)");
    }
    return each.append(')').toString();
  }

  // Servers that recognize an ENUM or SET as constant by an equality sort the rows of a range,
  // although its index has sorted them. So the IN lists a second number that no value has. MySQL
  // still searches for it: in a SET it is the first number again, in an ENUM that of an invalid
  // value.
  private String isOne(String qualifier, String number) {
    return in(qualifier) + " IN (" + number + ", " + number + " + " + choices + ")";
  }

  /** Returns the values to bind for {@link #compared}. */
  public List<BoundText.Value> bound(KeyValue key, String operator) {
    List<BoundText.Value> once = bound(key);
    return form == Form.CHOICE
        ? Collections.nCopies(operator.equals("=") ? 2 : choices, once.get(0))
        : once;
  }

  /**
   * Returns a condition for rows with the value of a variable that was assigned from the column.
   */
  String same(String qualifier, String variable) {
    return switch (form) {
      case INTEGER, PLAIN, REAL -> in(qualifier) + " <=> " + variable;
      // A prepared statement expects the collation that the variable had when it was prepared.
      case BYTES, UTF8, TEXT, ASCII, CONVERTED, CHOICE ->
          "HEX(" + in(qualifier) + ") <=> HEX(" + variable + ")";
    };
  }

  /**
   * Estimates the value at a fraction of the distance between two values, as if values were spread
   * evenly. The order of its result among them is not guaranteed for texts.
   *
   * @param part numerator of the fraction, from 1 to one less than {@code parts}
   * @param parts denominator
   * @return empty for columns and values without an estimate
   */
  public Optional<KeyValue> between(KeyValue low, KeyValue high, int part, int parts) {
    if (low.bytes() || high.bytes()) {
      return Optional.empty();
    }
    return switch (form) {
      case INTEGER -> Optional.of(ValueBetween.numbers(low, high, part, parts));
      case BYTES -> Optional.of(ValueBetween.bytes(low, high, part, parts));
      case UTF8, TEXT, ASCII, CONVERTED -> ValueBetween.texts(low, high, part, parts);
      case PLAIN, REAL, CHOICE -> Optional.empty();
    };
  }

  /** Returns SQL that checks whether the value survives the conversion to text and back. */
  String exact(String qualifier) {
    String column = in(qualifier);
    return switch (form) {
      case INTEGER, PLAIN, CHOICE ->
          "(" + column + " <=> " + put(toValue, put(toText, column)) + ")";
      // Bytes are exact, and so is a double.
      case REAL, BYTES, UTF8, TEXT, ASCII, CONVERTED -> "TRUE";
    };
  }

  private static String put(String template, String value) {
    return template.replace("%s", value);
  }
}
