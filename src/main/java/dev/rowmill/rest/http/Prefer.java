package dev.rowmill.rest.http;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the preferences that a request states in its headers {@code Prefer}.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7240">RFC 7240, Prefer Header for HTTP</a>
 */
public final class Prefer {

  /** Limits the wait; a longer one is reduced to this. */
  static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

  private Prefer() {}

  /**
   * Returns how long the caller prefers to wait. As the standard requires, ignores an invalid
   * preference. Of several valid ones, the first applies.
   *
   * @param headers the values of all {@code Prefer} headers
   */
  public static Optional<Duration> waiting(List<String> headers) {
    for (String header : headers) {
      for (String preference : split(header, ',')) {
        // A semicolon begins the parameters of the preference.
        String pair = split(preference, ';').get(0);
        int equals = pair.indexOf('=');
        if (equals > 0 && pair.substring(0, equals).strip().equalsIgnoreCase("wait")) {
          Optional<Duration> wait = seconds(unquoted(pair.substring(equals + 1).strip()));
          if (wait.isPresent()) {
            return wait;
          }
        }
      }
    }
    return Optional.empty();
  }

  /** Returns whole seconds, limited to the longest wait; empty when the text is no such number. */
  static Optional<Duration> seconds(String text) {
    if (text.isEmpty() || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Optional.empty();
    }
    // A number of more than 9 digits exceeds the longest wait, too.
    long seconds = text.length() > 9 ? Integer.MAX_VALUE : Long.parseLong(text);
    return Optional.of(Duration.ofSeconds(Math.min(seconds, LONGEST_WAIT.toSeconds())));
  }

  /** Splits a text at a separator, except within quoted strings. */
  private static List<String> split(String text, char separator) {
    List<String> parts = new ArrayList<>();
    int start = 0;
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted && c == '\\') {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == separator && !quoted) {
        parts.add(text.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(text.substring(start));
    return parts;
  }

  private static String unquoted(String word) {
    return word.length() > 1 && word.startsWith("\"") && word.endsWith("\"")
        ? word.substring(1, word.length() - 1)
        : word;
  }
}
