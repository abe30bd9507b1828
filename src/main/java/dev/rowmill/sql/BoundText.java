package dev.rowmill.sql;

import java.math.BigDecimal;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * SQL text with a question mark for each value.
 *
 * @param values in the order of the question marks: text, a boolean, a long or a decimal
 */
record BoundText(String sql, List<Value> values) {

  static final BoundText EMPTY = new BoundText("", List.of());

  /** Returns this text with more text behind it. */
  BoundText plus(String more) {
    return new BoundText(sql + more, values);
  }

  /** Returns this text with another behind it. */
  BoundText plus(BoundText more) {
    List<Value> all = new ArrayList<>(values);
    all.addAll(more.values);
    return new BoundText(sql + more.sql, List.copyOf(all));
  }

  /** Returns this text without white space at its end. */
  BoundText stripped() {
    return new BoundText(sql.stripTrailing(), values);
  }

  /** Binds values to all question marks of a statement. */
  static void bind(PreparedStatement statement, List<Value> values) throws SQLException {
    for (int i = 0; i < values.size(); i++) {
      values.get(i).bind(statement, i + 1);
    }
  }

  /** A value to bind; a holder, since lists hold no nulls. */
  record Value(@Nullable Object value) {

    void bind(PreparedStatement statement, int index) throws SQLException {
      Object bound = value;
      if (bound == null) {
        statement.setNull(index, Types.VARCHAR);
      } else if (bound instanceof Boolean flag) {
        statement.setBoolean(index, flag);
      } else if (bound instanceof Long number) {
        statement.setLong(index, number);
      } else if (bound instanceof BigDecimal number) {
        statement.setBigDecimal(index, number);
      } else {
        statement.setString(index, bound.toString());
      }
    }
  }
}
