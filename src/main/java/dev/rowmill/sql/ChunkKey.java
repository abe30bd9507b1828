package dev.rowmill.sql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The unique index that a table's rows are walked along. A cursor is a JSON array with one text for
 * each column.
 */
record ChunkKey(String index, List<KeyColumn> columns) {

  private static final ObjectMapper JSON = new ObjectMapper();

  static String cursor(List<String> texts) {
    try {
      return JSON.writeValueAsString(texts);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A list of texts always becomes JSON", e);
    }
  }

  /**
   * @throws IllegalArgumentException when it is no cursor of this key
   */
  List<String> texts(String cursor) {
    try {
      List<String> texts = JSON.readValue(cursor, new TypeReference<List<String>>() {});
      if (texts.size() == columns.size()) {
        return texts;
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Not a cursor: " + cursor, e);
    }
    throw new IllegalArgumentException(
        "Cursor "
            + cursor
            + " isn't one of the key "
            + index
            + " of "
            + columns.size()
            + " columns");
  }

  /** The columns' values as text, and last whether each of them is exact. */
  String selected(String qualifier) {
    return columns.stream().map(column -> column.text(qualifier)).collect(Collectors.joining(", "))
        + ", "
        + columns.stream()
            .map(column -> column.exact(qualifier))
            .collect(Collectors.joining(" AND "));
  }

  /** Returns the columns, with commas between them. */
  String names(String qualifier) {
    return columns.stream().map(column -> column.in(qualifier)).collect(Collectors.joining(", "));
  }

  String order(String qualifier, String direction) {
    return columns.stream()
        .map(column -> column.in(qualifier) + direction)
        .collect(Collectors.joining(", "));
  }

  /**
   * The condition for the rows behind one key, up to and with another.
   *
   * @param bounded whether there is a lower end
   */
  String range(String qualifier, boolean bounded) {
    String upper = bound(qualifier, 0, "<", "<=");
    return bounded ? bound(qualifier, 0, ">", ">") + " AND " + upper : upper;
  }

  // Neither server makes an index range of (a, b) > (?, ?), so it is written out; the leading
  // a >= ? is implied by the rest, and is what the optimizer finds the range by.
  private String bound(String qualifier, int from, String strict, String last) {
    KeyColumn column = columns.get(from);
    String name = column.in(qualifier);
    String value = column.value();
    if (from == columns.size() - 1) {
      return name + " " + last + " " + value;
    }
    String implied = from == 0 ? name + " " + strict + "= " + value + " AND " : "";
    return implied
        + "("
        + name
        + " "
        + strict
        + " "
        + value
        + " OR ("
        + name
        + " = "
        + value
        + " AND "
        + bound(qualifier, from + 1, strict, last)
        + "))";
  }

  /**
   * The condition for some rows.
   *
   * @param keys the texts of each row's columns
   */
  BoundText rows(String qualifier, List<List<String>> keys) {
    List<BoundText.Value> values = new ArrayList<>();
    List<String> rows = new ArrayList<>();
    for (List<String> texts : keys) {
      List<String> parts = new ArrayList<>();
      for (int i = 0; i < columns.size(); i++) {
        parts.add(columns.get(i).in(qualifier) + " = " + columns.get(i).value());
        values.add(columns.get(i).bound(texts.get(i)));
      }
      rows.add("(" + String.join(" AND ", parts) + ")");
    }
    return new BoundText("(" + String.join(" OR ", rows) + ")", values);
  }

  /** The values of {@link #range}, in the order of its question marks. */
  List<BoundText.Value> values(List<String> after, List<String> upTo) {
    List<BoundText.Value> values = new ArrayList<>();
    if (!after.isEmpty()) {
      addBound(values, after);
    }
    addBound(values, upTo);
    return values;
  }

  private void addBound(List<BoundText.Value> values, List<String> texts) {
    for (int i = 0; i < texts.size(); i++) {
      int times = i == texts.size() - 1 ? 1 : i == 0 ? 3 : 2;
      for (int n = 0; n < times; n++) {
        values.add(columns.get(i).bound(texts.get(i)));
      }
    }
  }
}
