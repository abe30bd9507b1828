package dev.rowmill.batch.store;

import java.util.ArrayList;
import java.util.List;

/**
 * Holds a part of a SQL statement and the values of its parameters. Immutable.
 *
 * @param values values in the order of the parameters
 */
record SqlFragment(String text, List<?> values) {

  SqlFragment {
    values = List.copyOf(values);
  }

  static SqlFragment of(String text, Object... values) {
    return new SqlFragment(text, List.of(values));
  }

  /** Returns the parts with a text between any two of them. */
  static SqlFragment join(List<SqlFragment> parts, String between) {
    List<Object> values = new ArrayList<>();
    parts.forEach(part -> values.addAll(part.values));
    return new SqlFragment(
        String.join(between, parts.stream().map(SqlFragment::text).toList()), values);
  }

  SqlFragment then(SqlFragment next) {
    return join(List.of(this, next), "");
  }

  SqlFragment then(String next, Object... nextValues) {
    return then(of(next, nextValues));
  }
}
