package dev.rowmill.browser;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs the system's Chromium through Playwright. Not thread-safe. */
final class Chromium implements AutoCloseable {

  /** Limits how long an assertion waits; it only delays failures. */
  static final double PATIENCE_MILLIS = 120_000;

  private static final String PROPERTY = "testing.chromium";

  private final Playwright playwright;
  private final Browser browser;

  Chromium() {
    Path path = path().orElseThrow(() -> new IllegalStateException(missing()));
    // Otherwise Playwright would download its own browsers.
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser = playwright.chromium().launch(new BrowserType.LaunchOptions().setExecutablePath(path));
    PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
  }

  /** Returns the path of the browser; empty if there is none. */
  static Optional<Path> path() {
    String named = System.getProperty(PROPERTY, "");
    List<String> paths =
        named.isBlank()
            ? List.of(
                "/usr/bin/chromium",
                "/usr/bin/chromium-browser",
                "/usr/bin/google-chrome",
                "/opt/google/chrome/chrome",
                "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
            : List.of(named);
    return paths.stream().map(Path::of).filter(Files::isExecutable).findFirst();
  }

  /** Returns a message that no browser was found, with a remedy. */
  static String missing() {
    return "no Chromium: install one (Debian: apt-get install chromium), or name one with -D"
        + PROPERTY
        + "=PATH";
  }

  /** Returns whether a missing Chromium is a failure instead of a reason to skip. */
  static boolean isDemanded() {
    return "true".equals(System.getenv("CI"));
  }

  Browser browser() {
    return browser;
  }

  @Override
  public void close() {
    playwright.close();
  }
}
