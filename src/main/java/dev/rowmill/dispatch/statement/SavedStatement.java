package dev.rowmill.dispatch.statement;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.Bounds;
import dev.rowmill.batch.ProjectPatterns;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Represents a statement that callers start by name. Stored as JSON. Immutable.
 *
 * @param parameters rule of each named parameter except {@code :project}
 * @param projects projects in which it can be started
 * @param bounds bounds that a start can only narrow
 * @param wholeTable whether the absence of a condition is intended
 */
public record SavedStatement(
    String sql,
    @Nullable String description,
    Map<String, ParameterRule> parameters,
    ProjectPatterns projects,
    Bounds bounds,
    boolean wholeTable) {

  public SavedStatement {
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
  }

  /** Returns the names of the secret parameters. */
  public Set<String> secrets() {
    return parameters.entrySet().stream()
        .filter(parameter -> parameter.getValue().secret())
        .map(Map.Entry::getKey)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Returns an example value for each parameter, with which the statement can be checked. */
  public ObjectNode samples() {
    ObjectNode samples = JsonNodeFactory.instance.objectNode();
    new TreeMap<>(parameters).forEach((name, rule) -> samples.set(name, rule.named(rule.sample())));
    return samples;
  }

  /** Checks whether a project can match both this statement's patterns and the given ones. */
  public boolean isFor(ProjectPatterns others) {
    return projects.patterns().stream()
        .anyMatch(mine -> others.patterns().stream().anyMatch(other -> overlap(mine, other)));
  }

  /**
   * Checks whether a name can match both patterns, with a table over all pairs of their suffixes.
   */
  private static boolean overlap(String a, String b) {
    boolean[][] ends = new boolean[a.length() + 1][b.length() + 1];
    for (int i = a.length(); i >= 0; i--) {
      for (int j = b.length(); j >= 0; j--) {
        boolean moreA = i < a.length();
        boolean moreB = j < b.length();
        boolean starA = moreA && a.charAt(i) == '*';
        boolean starB = moreB && b.charAt(j) == '*';
        if (starA || starB) {
          ends[i][j] = (moreA && ends[i + 1][j]) || (moreB && ends[i][j + 1]);
        } else {
          ends[i][j] =
              moreA && moreB ? a.charAt(i) == b.charAt(j) && ends[i + 1][j + 1] : !moreA && !moreB;
        }
      }
    }
    return ends[0][0];
  }
}
