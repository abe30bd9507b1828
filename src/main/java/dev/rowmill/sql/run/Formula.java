package dev.rowmill.sql.run;

import dev.rowmill.sql.table.CatalogQuery;
import dev.rowmill.sql.value.BoundText;
import java.io.IOException;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Describes how an UPDATE computes the new values of a row from its old ones. An image that stores
 * it needs no new values.
 *
 * @param inputs columns that the assignments read, besides the key and the written columns
 * @param qualifier qualifier of the table's columns in the assignments
 * @param assignments SET list
 * @param session session variables on which the new values depend, by name
 * @param constants new values that are equal in all rows, by the index of their column
 */
record Formula(
    List<ImageColumn> inputs,
    String qualifier,
    BoundText assignments,
    Map<String, String> session,
    Map<Integer, byte @Nullable []> constants) {

  private static final List<String> VARIABLES =
      List.of("sql_mode", "time_zone", "collation_connection", "div_precision_increment");

  private static final Pattern NUMBER = Pattern.compile("\\d+");

  /** Returns the variables of a session on which new values may depend. */
  static Map<String, String> session(Connection connection) throws SQLException {
    Map<String, String> session = new LinkedHashMap<>();
    new CatalogQuery(connection)
        .forEach(
            VARIABLES.stream().collect(Collectors.joining(", @@", "SELECT @@", "")),
            row -> {
              for (int i = 0; i < VARIABLES.size(); i++) {
                session.put(VARIABLES.get(i), CatalogQuery.text(row, i + 1));
              }
            });
    return session;
  }

  /** Sets the variables of a session. */
  static void set(Connection connection, Map<String, String> session) throws SQLException {
    WritingSession.execute(
        connection,
        session.entrySet().stream()
            .map(each -> each.getKey() + " = " + literal(each.getValue()))
            .collect(Collectors.joining(", ", "SET ", "")));
  }

  void write(ImageOutput out) {
    RowImage.writeColumns(out, inputs);
    out.writeText(qualifier);
    out.writeText(assignments.sql());
    out.writeInt(assignments.values().size());
    for (BoundText.Value value : assignments.values()) {
      ValueType type = ValueType.of(value);
      out.writeByte(type.code);
      out.writeText(value.value() == null ? "" : String.valueOf(value.shown()));
    }
    out.writeInt(session.size());
    session.forEach(
        (name, value) -> {
          out.writeText(name);
          out.writeText(value);
        });
    out.writeInt(constants.size());
    constants.forEach(
        (column, value) -> {
          out.writeInt(column);
          out.writeValue(value);
        });
  }

  static Formula read(ImageInput in) throws IOException {
    List<ImageColumn> inputs = RowImage.readColumns(in);
    String qualifier = in.readText();
    String sql = in.readText();
    List<BoundText.Value> values = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      ValueType type = ValueType.of(in.readByte());
      values.add(new BoundText.Value(type.value(in.readText())));
    }
    Map<String, String> session = new LinkedHashMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      session.put(in.readText(), in.readText());
    }
    Map<Integer, byte @Nullable []> constants = new TreeMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      constants.put(in.readInt(), in.readValue());
    }
    return new Formula(
        inputs, qualifier, new BoundText(sql, List.copyOf(values)), session, constants);
  }

  /** Represents the types of bound values. */
  private enum ValueType {
    NULL(0),
    TEXT(1),
    LONG(2),
    DECIMAL(3),
    BYTES(4);

    /** Identifies the type in stored images, which outlive a version of Rowmill. Never changes. */
    private final int code;

    ValueType(int code) {
      this.code = code;
    }

    static ValueType of(int code) {
      return Arrays.stream(values())
          .filter(type -> type.code == code)
          .findFirst()
          .orElseThrow(() -> ImageInput.unknown("type of value", code));
    }

    static ValueType of(BoundText.Value value) {
      Object bound = value.value();
      if (bound == null) {
        return NULL;
      } else if (bound instanceof String) {
        return TEXT;
      } else if (bound instanceof Long) {
        return LONG;
      } else if (bound instanceof BigDecimal) {
        return DECIMAL;
      } else if (bound instanceof BoundText.Bytes) {
        return BYTES;
      }
      throw new IllegalStateException("a " + bound.getClass() + " depends on its session");
    }

    @Nullable Object value(String text) {
      return switch (this) {
        case NULL -> null;
        case TEXT -> text;
        case LONG -> Long.valueOf(text);
        case DECIMAL -> new BigDecimal(text);
        case BYTES -> new BoundText.Bytes(text);
      };
    }
  }

  private static String literal(String value) {
    return NUMBER.matcher(value).matches() ? value : "'" + value.replace("'", "''") + "'";
  }
}
