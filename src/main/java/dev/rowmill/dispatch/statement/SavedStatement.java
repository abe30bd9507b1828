package dev.rowmill.dispatch.statement;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.Bounds;
import dev.rowmill.batch.ProjectPatterns;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A statement that can be started by its name. Immutable.
 *
 * @param parameters what each of its named parameters may be, but for {@code :project}
 * @param projects in which it can be started
 * @param bounds that a start of it can only make narrower
 * @param wholeTable whether it is meant to have no condition
 */
public record SavedStatement(
    String sql,
    @Nullable String description,
    Map<String, ParameterRule> parameters,
    ProjectPatterns projects,
    Bounds bounds,
    boolean wholeTable) {

  public SavedStatement {
    parameters = Map.copyOf(parameters);
  }

  /** Names of the parameters whose values are shown to nobody. */
  public Set<String> secrets() {
    return parameters.entrySet().stream()
        .filter(parameter -> parameter.getValue().secret())
        .map(Map.Entry::getKey)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** A value for each parameter, by which the statement can be checked. */
  public ObjectNode samples() {
    ObjectNode samples = JsonNodeFactory.instance.objectNode();
    new TreeMap<>(parameters).forEach((name, rule) -> samples.set(name, rule.named(rule.sample())));
    return samples;
  }

  /** Whether there may be a project of which both patterns tell. */
  public boolean isFor(ProjectPatterns others) {
    return projects.patterns().stream()
        .anyMatch(mine -> others.patterns().stream().anyMatch(other -> overlap(mine, other)));
  }

  /** Whether some name matches both; by the table of all pairs of their ends. */
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
