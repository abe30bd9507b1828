package dev.rowmill.browser;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assertions;

/**
 * Opens the tabs of one test, with a separate browser profile for each look and service. Records
 * forbidden actions of the pages from the start, and fails the test at its end. Not thread-safe.
 */
final class Tabs {

  private static final Path FAILURES = Path.of("target/browser-failures");

  private record Profile(BrowserContext context, Watch watch) {}

  private final Browser browser;
  private final Map<String, Profile> profiles = new LinkedHashMap<>();

  Tabs(Browser browser) {
    this.browser = browser;
  }

  /** Opens a new, empty tab. */
  Dashboard open(URI service) {
    return open(service, Look.LIGHT);
  }

  Dashboard open(URI service, Look look) {
    Profile profile = profiles.computeIfAbsent(look + " " + service, key -> profile(service, look));
    Page page = profile.context().newPage();
    return new Dashboard(page, service, profile.watch());
  }

  /** Opens a new tab in a new profile. */
  Dashboard openAlone(URI service) {
    Profile profile = profile(service, Look.LIGHT);
    profiles.put("alone " + profiles.size(), profile);
    return new Dashboard(profile.context().newPage(), service, profile.watch());
  }

  private Profile profile(URI service, Look look) {
    BrowserContext context = browser.newContext(look.options());
    context.setDefaultTimeout(Chromium.PATIENCE_MILLIS);
    context.setDefaultNavigationTimeout(Chromium.PATIENCE_MILLIS);
    return new Profile(context, new Watch(context, service));
  }

  /** Takes screenshots of all pages, to help explain a failure. */
  void picture(String test) {
    int number = 0;
    for (Profile profile : profiles.values()) {
      for (Page page : profile.context().pages()) {
        Path file = FAILURES.resolve(test + "-" + ++number + ".png");
        page.screenshot(new Page.ScreenshotOptions().setPath(file).setFullPage(true));
        System.out.printf("%s: screenshots are in %s%n", test, file);
      }
    }
  }

  /** Closes all tabs; fails if a page did something forbidden. */
  void close() {
    List<Watch.Finding> findings = new ArrayList<>();
    for (Profile profile : profiles.values()) {
      // A round trip, after which all earlier events have been reported.
      profile.context().cookies();
      findings.addAll(profile.watch().findings());
      profile.context().close();
    }
    profiles.clear();
    Assertions.assertEquals(List.of(), findings);
  }
}
