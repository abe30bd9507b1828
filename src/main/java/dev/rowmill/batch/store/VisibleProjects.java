package dev.rowmill.batch.store;

import dev.rowmill.batch.ProjectPatterns;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Holds the SQL condition that a column contains the name of a visible project. Immutable.
 *
 * @param sql the condition
 * @param values values of its parameters
 */
record VisibleProjects(String sql, Map<String, Object> values) {

  static VisibleProjects of(String column, ProjectPatterns seen) {
    if (seen.isAll()) {
      return new VisibleProjects("TRUE", Map.of());
    }
    List<String> conditions = new ArrayList<>();
    Map<String, Object> values = new HashMap<>();
    for (String pattern : seen.patterns()) {
      String name = "seen" + conditions.size();
      boolean whole = !pattern.contains("*");
      conditions.add(column + (whole ? " = :" + name : " LIKE :" + name + " ESCAPE '|'"));
      values.put(name, whole ? pattern : like(pattern));
    }
    return new VisibleProjects(
        conditions.isEmpty() ? "FALSE" : "(" + String.join(" OR ", conditions) + ")", values);
  }

  private static String like(String pattern) {
    return pattern.replaceAll("[|%_]", "|$0").replace('*', '%');
  }
}
