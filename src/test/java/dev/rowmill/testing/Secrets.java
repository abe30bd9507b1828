package dev.rowmill.testing;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What no one is ever to be shown, told by its looks: tokens, and whatever tests use as a password
 * or as a secret value, which all begin with {@link #MARK}.
 */
public final class Secrets {

  /** How each secret of a test begins. */
  public static final String MARK = "hush-";

  private static final Pattern SECRET =
      Pattern.compile("rwm_[A-Za-z0-9_-]{30,}|" + MARK + "[A-Za-z0-9-]+");

  private Secrets() {}

  /** The first secret in a text, but for its end, so that a report of it is none itself. */
  public static Optional<String> find(String text) {
    Matcher matcher = SECRET.matcher(text);
    return matcher.find()
        ? Optional.of(text.substring(matcher.start(), Math.min(matcher.end(), matcher.start() + 9)))
        : Optional.empty();
  }

  /**
   * @throws AssertionError when there is a secret in it
   */
  public static void assertNone(String where, String text) {
    find(text)
        .ifPresent(
            found -> {
              throw new AssertionError("a secret that begins with " + found + " is in " + where);
            });
  }
}
