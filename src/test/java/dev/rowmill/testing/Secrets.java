package dev.rowmill.testing;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds secrets in texts by their form: tokens, and the passwords and secret values of tests, which
 * all begin with {@link #MARK}.
 */
public final class Secrets {

  /** Marks the beginning of each secret of a test. */
  public static final String MARK = "hush-";

  private static final Pattern SECRET =
      Pattern.compile("rwm_[A-Za-z0-9_-]{30,}|" + MARK + "[A-Za-z0-9-]+");

  private Secrets() {}

  /** Returns the beginning of the first secret in a text, short enough to be reported. */
  public static Optional<String> find(String text) {
    Matcher matcher = SECRET.matcher(text);
    return matcher.find()
        ? Optional.of(text.substring(matcher.start(), Math.min(matcher.end(), matcher.start() + 9)))
        : Optional.empty();
  }

  /**
   * Checks that a text contains no secret.
   *
   * @throws AssertionError if it contains one
   */
  public static void assertNone(String where, String text) {
    find(text)
        .ifPresent(
            found -> {
              throw new AssertionError("a secret that begins with " + found + " is in " + where);
            });
  }
}
