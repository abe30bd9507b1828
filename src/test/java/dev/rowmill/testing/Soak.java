package dev.rowmill.testing;

/**
 * Sets the number of repetitions of tests that depend on timing. It is higher with {@code
 * -Dtesting.soak=true}, as in a nightly run.
 */
public final class Soak {

  /** Indicates a nightly run. */
  public static final boolean ON = Boolean.getBoolean("testing.soak");

  private Soak() {}

  /** Returns one number for a build and another for a nightly run. */
  public static int number(int inBuild, int atNight) {
    return ON ? atNight : inBuild;
  }

  /** Returns the system property of this name, or else one of the two numbers. */
  public static int number(String property, int inBuild, int atNight) {
    return Integer.getInteger(property, number(inBuild, atNight));
  }
}
