package dev.rowmill.testing;

/**
 * Sets how often a test repeats what depends on luck. With {@code -Dtesting.soak=true}, as in a
 * nightly run, it repeats more often than in a build.
 */
public final class Soak {

  /** Holds in a nightly run. */
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
