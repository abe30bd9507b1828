package dev.rowmill.batch;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Matches the projects that a caller may access. In a pattern, {@code *} matches any number of any
 * characters. Comparisons are bytewise, like those of project names. Immutable.
 */
public record ProjectPatterns(List<String> patterns) {

  private static final Pattern PATTERN = Pattern.compile("[A-Za-z0-9._*-]{1,64}");

  /** Matches every project. */
  public static final ProjectPatterns ALL = new ProjectPatterns(List.of("*"));

  /** Matches no project. */
  public static final ProjectPatterns NONE = new ProjectPatterns(List.of());

  public ProjectPatterns {
    patterns = List.copyOf(patterns);
  }

  /** Returns whether a text is a valid pattern. */
  public static boolean isPattern(String text) {
    return PATTERN.matcher(text).matches();
  }

  /** Returns whether every project matches. */
  public boolean isAll() {
    return patterns.contains("*");
  }

  public boolean include(String project) {
    return patterns.stream().anyMatch(pattern -> matches(pattern, project));
  }

  /**
   * Matches a name by backtracking to the last star only: the number of steps is at most the
   * product of the lengths.
   */
  private static boolean matches(String pattern, String name) {
    int at = 0;
    int star = -1;
    int resume = 0;
    int in = 0;
    while (in < name.length()) {
      if (at < pattern.length() && pattern.charAt(at) == '*') {
        star = at++;
        resume = in;
      } else if (at < pattern.length() && pattern.charAt(at) == name.charAt(in)) {
        at++;
        in++;
      } else if (star >= 0) {
        at = star + 1;
        in = ++resume;
      } else {
        return false;
      }
    }
    while (at < pattern.length() && pattern.charAt(at) == '*') {
      at++;
    }
    return at == pattern.length();
  }
}
