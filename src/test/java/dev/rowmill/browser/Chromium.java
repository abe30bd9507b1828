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

/** The system's Chromium, driven by Playwright. For one thread at a time. */
final class Chromium implements AutoCloseable {

  /** How long anything may take to be seen; only a bound for failure. */
  static final double PATIENCE_MILLIS = 30_000;

  private static final String PROPERTY = "testing.chromium";

  private final Playwright playwright;
  private final Browser browser;

  Chromium() {
    Path path = path().orElseThrow(() -> new IllegalStateException(missing()));
    // Playwright would fetch browsers of its own.
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser = playwright.chromium().launch(new BrowserType.LaunchOptions().setExecutablePath(path));
    PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
  }

  /** Where it is; empty when there is none. */
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

  /** Why there is none, and what to do. */
  static String missing() {
    return "no Chromium: install one (Debian: apt-get install chromium), or name one with -D"
        + PROPERTY
        + "=PATH";
  }

  /** Whether a missing Chromium is a failure rather than a reason to skip. */
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
