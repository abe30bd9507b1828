package dev.rowmill.rest.http;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the preferences of a request.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7240">RFC 7240, Prefer Header for HTTP</a>
 */
public final class Prefer {

  /** A longer wait is cut to this. */
  static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

  private Prefer() {}

  /**
   * How long the caller would like to wait. A preference that makes no sense is passed over, as the
   * standard asks; of several that do, the first holds.
   *
   * @param headers the values of all {@code Prefer} headers
   */
  public static Optional<Duration> waiting(List<String> headers) {
    for (String header : headers) {
      for (String preference : split(header, ',')) {
        // What follows a semicolon are the preference's own parameters.
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

  /** Whole seconds, cut to the longest wait; empty when the text is no such number. */
  static Optional<Duration> seconds(String text) {
    if (text.isEmpty() || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Optional.empty();
    }
    // More digits than an int takes are more than the longest wait, too.
    long seconds = text.length() > 9 ? Integer.MAX_VALUE : Long.parseLong(text);
    return Optional.of(Duration.ofSeconds(Math.min(seconds, LONGEST_WAIT.toSeconds())));
  }

  /** Splits outside of quoted strings. */
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
