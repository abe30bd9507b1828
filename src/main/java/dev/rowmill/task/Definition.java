package dev.rowmill.task;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Holds the definition of the tables that a work uses, part by part, so that a change can be found
 * and named. Thread-safe.
 */
public final class Definition {

  private final SortedMap<String, SortedMap<String, String>> tables;

  /**
   * Represents a part that has changed.
   *
   * @param what the part, such as {@code column price of shop.item}
   * @param before its definition before; null if it is new
   * @param after its definition now; null if it is gone
   */
  public record Difference(String what, @Nullable String before, @Nullable String after) {}

  /**
   * @param tables the text of each part, by table. A part whose name begins with {@code column} is
   *     one of all columns. Any other part, and any table, may be left out where it was not read
   */
  public Definition(Map<String, ? extends Map<String, String>> tables) {
    this.tables = new TreeMap<>();
    tables.forEach((table, parts) -> this.tables.put(table, new TreeMap<>(parts)));
  }

  /** Returns the text of each part, by table. */
  public SortedMap<String, SortedMap<String, String>> tables() {
    return tables;
  }

  /** Returns the definition as one text; only equal definitions have the same one. */
  public String text() {
    var text = new StringBuilder();
    tables.forEach(
        (table, parts) -> {
          text.append(table).append('\0');
          parts.forEach((name, part) -> text.append(name).append('\0').append(part).append('\0'));
          text.append('\0');
        });
    return text.toString();
  }

  /** Returns how a later definition differs, in the parts that both of them have read. */
  public List<Difference> differences(Definition later) {
    List<Difference> differences = new ArrayList<>();
    tables.forEach(
        (table, before) -> {
          SortedMap<String, String> after = later.tables.get(table);
          if (after == null) {
            return;
          }
          var names = new TreeSet<>(before.keySet());
          names.addAll(after.keySet());
          for (String name : names) {
            String was = before.get(name);
            String is = after.get(name);
            boolean compared = name.startsWith("column ") || (was != null && is != null);
            if (compared && (was == null || !was.equals(is))) {
              differences.add(new Difference(name + " of " + table, was, is));
            }
          }
        });
    return differences;
  }
}
