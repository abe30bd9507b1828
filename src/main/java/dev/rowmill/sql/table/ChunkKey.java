package dev.rowmill.sql.table;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.sql.parse.StatementParser;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Describes the index along which a table's rows are walked, and the columns that identify a row.
 * These are the columns of a unique index, or of another index followed by a unique key. A cursor
 * is a JSON array with the text of each column, or an object with its bytes if no text represents
 * them exactly.
 */
public record ChunkKey(String index, List<KeyColumn> columns) {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String BYTES = "hex";
  private static final String KEY = "key";

  public String cursor(List<KeyValue> values) {
    ArrayNode cursor = JSON.createArrayNode();
    for (KeyValue value : values) {
      if (value.bytes()) {
        cursor.addObject().put(BYTES, value.text());
      } else {
        cursor.add(value.text());
      }
    }
    if (!index.equals("PRIMARY")) {
      cursor.addObject().put(KEY, name());
    }
    return cursor.toString();
  }

  /** Returns the key of a row as callers see it: a JSON object with the text of each column. */
  public String shown(List<KeyValue> values) {
    ObjectNode shown = JSON.createObjectNode();
    for (int i = 0; i < columns.size(); i++) {
      shown.put(columns.get(i).name(), values.get(i).toString());
    }
    return shown.toString();
  }

  /** Returns SQL that assigns the key of each row to variables of the session; always true. */
  public String marking(String qualifier) {
    StringBuilder marking = new StringBuilder();
    for (int i = 0; i < columns.size(); i++) {
      marking.append(
          " AND IF((%s := %s) IS NULL, 1, 1)".formatted(mark(i), columns.get(i).in(qualifier)));
    }
    return marking.toString();
  }

  /** Returns a condition for the row whose key {@link #marking} has assigned last. */
  public String marked(String qualifier) {
    List<String> same = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      same.add(columns.get(i).same(qualifier, mark(i)));
    }
    return String.join(" AND ", same);
  }

  /** Returns a query for the first column of the key that {@link #marking} has assigned last. */
  public String lastMarked() {
    return "SELECT " + mark(0);
  }

  private static String mark(int column) {
    return "@rowmill_row_" + column;
  }

  /** Returns the index, its columns and their directions. */
  private String name() {
    return index
        + ": "
        + columns.stream()
            .map(column -> column.name() + (column.descending() ? " DESC" : ""))
            .collect(Collectors.joining(", "));
  }

  /**
   * Returns the values of a cursor.
   *
   * @throws dev.rowmill.task.Refusal if it is not a cursor of this key, as when an index was added
   *     or dropped since, or a small table has grown
   */
  public List<KeyValue> values(String cursor) {
    JsonNode parts;
    try {
      parts = JSON.readTree(cursor);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Not a cursor: " + cursor, e);
    }
    List<KeyValue> values = new ArrayList<>();
    boolean ofThis = parts.isArray();
    for (JsonNode part : parts) {
      if (part.isTextual()) {
        values.add(KeyValue.text(part.textValue()));
      } else if (part.path(BYTES).isTextual()) {
        values.add(KeyValue.bytes(part.path(BYTES).textValue()));
      } else {
        ofThis &= part.path(KEY).asText().equals(name());
      }
    }
    if (!ofThis || values.size() != columns.size()) {
      throw changed(cursor);
    }
    return values;
  }

  /**
   * Returns the refusal to resume from a cursor of another walk.
   *
   * @param cursor cursor that the batch had reached
   */
  public static Refusal changed(String cursor) {
    return StatementParser.refusal(Set.of(Reason.of("walk-changed", "cursor", cursor)));
  }

  /** Returns the key of a row selected by {@link #selected}. */
  public List<KeyValue> read(ResultSet row) throws SQLException {
    List<KeyValue> values = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      values.add(columns.get(i).read(row, i + 1));
    }
    return values;
  }

  /** Returns whether the walk is towards the larger values of each column. */
  public boolean ascends() {
    return columns.stream().noneMatch(KeyColumn::descending);
  }

  /** Returns whether MAX returns the last key; for an ENUM it returns the last of its texts. */
  public boolean hasMaximum() {
    return columns.size() == 1 && columns.get(0).choices() == 0 && ascends();
  }

  /** Returns whether the values of a row that was selected by {@link #selected} are exact. */
  public boolean isExact(ResultSet row) throws SQLException {
    return row.getBoolean(columns.size() + 1);
  }

  /** Returns SQL for the columns' values as text, followed by whether all of them are exact. */
  public String selected(String qualifier) {
    return columns.stream().map(column -> column.text(qualifier)).collect(Collectors.joining(", "))
        + ", "
        + columns.stream()
            .map(column -> column.exact(qualifier))
            .collect(Collectors.joining(" AND "));
  }

  /** Returns the columns, separated by commas. */
  public String names(String qualifier) {
    return columns.stream().map(column -> column.in(qualifier)).collect(Collectors.joining(", "));
  }

  /**
   * Returns the order of the walk for an ORDER BY.
   *
   * @param backwards whether to reverse the order
   */
  public String order(String qualifier, boolean backwards) {
    return columns.stream()
        .map(column -> column.in(qualifier) + (column.descending() == backwards ? "" : " DESC"))
        .collect(Collectors.joining(", "));
  }

  /**
   * Returns the condition for the rows after one key, up to and including another.
   *
   * @param bounded whether there is a lower end
   */
  public String range(String qualifier, boolean bounded) {
    return bounded ? behind(qualifier) + " AND " + upTo(qualifier) : upTo(qualifier);
  }

  /** Returns the condition for the rows after a key. */
  public String behind(String qualifier) {
    return new Bound(qualifier, true).sql(0);
  }

  /** Returns the condition for the rows up to and including a key. */
  public String upTo(String qualifier) {
    return new Bound(qualifier, false).sql(0);
  }

  /**
   * Represents one end of a range. Neither server makes an index range of (a, b) > (?, ?), so it is
   * written out: a > ? OR (a = ? AND b > ?). For most rows the first comparison decides.
   */
  private final class Bound {
    private final String qualifier;
    private final boolean behind;

    /**
     * @param behind whether it selects rows after the key
     */
    Bound(String qualifier, boolean behind) {
      this.qualifier = qualifier;
      this.behind = behind;
    }

    private String strict(KeyColumn column) {
      return column.descending() == behind ? "<" : ">";
    }

    private boolean isLast(int from) {
      return from == columns.size() - 1;
    }

    private String last(KeyColumn column) {
      return strict(column) + (behind ? "" : "=");
    }

    String sql(int from) {
      KeyColumn column = columns.get(from);
      if (isLast(from)) {
        return column.compared(qualifier, last(column));
      }
      return "("
          + column.compared(qualifier, strict(column))
          + " OR ("
          + column.compared(qualifier, "=")
          + " AND "
          + sql(from + 1)
          + "))";
    }

    List<BoundText.Value> bind(List<KeyValue> key) {
      List<BoundText.Value> to = new ArrayList<>();
      for (int i = 0; i < columns.size(); i++) {
        KeyColumn column = columns.get(i);
        KeyValue value = key.get(i);
        if (isLast(i)) {
          to.addAll(column.bound(value, last(column)));
        } else {
          to.addAll(column.bound(value, strict(column)));
          to.addAll(column.bound(value, "="));
        }
      }
      return to;
    }
  }

  /**
   * Returns the condition for some rows.
   *
   * @param keys values of each row's columns
   */
  public BoundText rows(String qualifier, List<List<KeyValue>> keys) {
    List<BoundText.Value> values = new ArrayList<>();
    keys.forEach(key -> values.addAll(boundRow(key)));
    return new BoundText(rows(qualifier, keys.size()), values);
  }

  /** Returns the condition for a number of rows. */
  String rows(String qualifier, int number) {
    String one =
        columns.stream()
            .map(column -> column.compared(qualifier, "="))
            .collect(Collectors.joining(" AND ", "(", ")"));
    return "(" + String.join(" OR ", Collections.nCopies(number, one)) + ")";
  }

  /**
   * Returns the values of {@link #rows(String, int)}.
   *
   * @throws Refusal if one is not a cursor of this key, or of other types
   */
  List<BoundText.Value> boundRows(List<String> cursors) {
    List<BoundText.Value> values = new ArrayList<>();
    for (String cursor : cursors) {
      try {
        values.addAll(boundRow(values(cursor)));
      } catch (NumberFormatException e) {
        throw changed(cursor);
      }
    }
    return values;
  }

  private List<BoundText.Value> boundRow(List<KeyValue> key) {
    List<BoundText.Value> values = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      values.addAll(columns.get(i).bound(key.get(i), "="));
    }
    return values;
  }

  /** Returns the values of {@link #range}, in the order of its question marks. */
  public List<BoundText.Value> bound(List<KeyValue> after, List<KeyValue> upTo) {
    List<BoundText.Value> values = new ArrayList<>();
    if (!after.isEmpty()) {
      values.addAll(boundBehind(after));
    }
    values.addAll(boundUpTo(upTo));
    return values;
  }

  /** Returns the values of {@link #behind}. */
  public List<BoundText.Value> boundBehind(List<KeyValue> key) {
    return new Bound("", true).bind(key);
  }

  /** Returns the values of {@link #upTo}. */
  public List<BoundText.Value> boundUpTo(List<KeyValue> key) {
    return new Bound("", false).bind(key);
  }

  /**
   * Returns the values of {@link #range} between two cursors.
   *
   * @param after null without a lower end
   */
  public List<BoundText.Value> bound(@Nullable String after, String upTo) {
    return bound(after == null ? List.of() : values(after), values(upTo));
  }
}
