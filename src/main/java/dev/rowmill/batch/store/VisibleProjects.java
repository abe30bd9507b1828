package dev.rowmill.batch.store;

import dev.rowmill.batch.ProjectPatterns;
import java.util.List;

/** Builds the SQL condition that a column contains the name of a visible project. */
final class VisibleProjects {

  private VisibleProjects() {}

  static SqlFragment condition(String column, ProjectPatterns seen) {
    if (seen.isAll()) {
      return SqlFragment.of("TRUE");
    }
    List<SqlFragment> conditions =
        seen.patterns().stream()
            .map(
                pattern ->
                    pattern.contains("*")
                        ? SqlFragment.of(column + " LIKE ? ESCAPE '|'", like(pattern))
                        : SqlFragment.of(column + " = ?", pattern))
            .toList();
    return conditions.isEmpty()
        ? SqlFragment.of("FALSE")
        : SqlFragment.of("(").then(SqlFragment.join(conditions, " OR ")).then(")");
  }

  private static String like(String pattern) {
    return pattern.replaceAll("[|%_]", "|$0").replace('*', '%');
  }
}
