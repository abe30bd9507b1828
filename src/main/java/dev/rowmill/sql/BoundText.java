package dev.rowmill.sql;

import java.math.BigDecimal;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * SQL text with a question mark for each value.
 *
 * @param values in the order of the question marks: text, a long or a decimal
 */
record BoundText(String sql, List<Value> values) {

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
