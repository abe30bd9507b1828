package dev.rowmill.batch;

import java.util.List;
import java.util.regex.Pattern;

/**
 * The projects that a caller has to do with: names, in which {@code *} stands for any characters,
 * none among them. Compared byte by byte, as the names of projects are. Immutable.
 */
public record ProjectPatterns(List<String> patterns) {

  private static final Pattern PATTERN = Pattern.compile("[A-Za-z0-9._*-]{1,64}");

  /** Every project. */
  public static final ProjectPatterns ALL = new ProjectPatterns(List.of("*"));

  /** No project. */
  public static final ProjectPatterns NONE = new ProjectPatterns(List.of());

  public ProjectPatterns {
    patterns = List.copyOf(patterns);
  }

  /** Whether a text can be one of them. */
  public static boolean isPattern(String text) {
    return PATTERN.matcher(text).matches();
  }

  /** Whether they leave no project out. */
  public boolean isAll() {
    return patterns.contains("*");
  }

  public boolean include(String project) {
    return patterns.stream().anyMatch(pattern -> matches(pattern, project));
  }

  /** By going back to the last star: never more steps than the lengths' product. */
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
