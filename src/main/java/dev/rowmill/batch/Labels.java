package dev.rowmill.batch;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Holds the labels that a caller gives to a batch, by name. Immutable.
 *
 * @param values the values, in the order of the names
 */
public record Labels(Map<String, String> values) {

  /** Holds no labels. */
  public static final Labels NONE = new Labels(Map.of());

  /** Limits the number of labels of a batch. */
  public static final int MOST = 16;

  /** Limits the characters of a value. */
  public static final int LONGEST_VALUE = 200;

  public Labels {
    values = Collections.unmodifiableMap(new TreeMap<>(values));
  }

  public boolean isEmpty() {
    return values.isEmpty();
  }
}
