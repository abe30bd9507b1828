package dev.rowmill.task;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Holds the definition of the tables that a work uses, part by part, so that a change can be found
 * and named. Thread-safe.
 *
 * @param tables the text of each part, by table. A table that was read has all its parts of a kind
 *     (such as {@code column price} and {@code index by_price}), except for {@link #UNIQUE_KEYS}
 *     and {@link #TRIGGERS}, which may be left out where they were not read
 */
public record Definition(SortedMap<String, SortedMap<String, String>> tables) {

  /** Names the part that lists all unique keys of a table. */
  public static final String UNIQUE_KEYS = "unique keys";

  /** Names the part that lists all triggers that a statement fires. */
  public static final String TRIGGERS = "triggers";

  private static final Set<String> OPTIONAL = Set.of(UNIQUE_KEYS, TRIGGERS);

  /**
   * Represents something that has changed.
   *
   * @param what its name, such as {@code column price of shop.item}
   * @param before its text or number before; null if it is new
   * @param after its text or number now; null if it is gone
   */
  public record Difference(String what, @Nullable Object before, @Nullable Object after) {}

  public Definition {
    SortedMap<String, SortedMap<String, String>> copy = new TreeMap<>();
    tables.forEach((table, parts) -> copy.put(table, new TreeMap<>(parts)));
    tables = copy;
  }

  /**
   * Returns how a later definition differs, in the tables and parts that both of them have read.
   */
  public List<Difference> differences(Definition later) {
    List<Difference> differences = new ArrayList<>();
    tables.forEach(
        (table, before) -> {
          Map<String, String> after = later.tables.get(table);
          if (after == null) {
            return;
          }
          var names = new TreeSet<>(before.keySet());
          names.addAll(after.keySet());
          for (String name : names) {
            String was = before.get(name);
            String is = after.get(name);
            boolean compared = !OPTIONAL.contains(name) || (was != null && is != null);
            if (compared && (was == null || !was.equals(is))) {
              differences.add(new Difference(name + " of " + table, was, is));
            }
          }
        });
    return differences;
  }
}
