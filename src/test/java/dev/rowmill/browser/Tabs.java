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
 * The tabs that one test opens, in a browser profile of its own for each look and service. What
 * their pages must not do is noticed from the first moment, and fails the test at its end. For one
 * thread at a time.
 */
final class Tabs {

  private static final Path FAILURES = Path.of("target/browser-failures");

  private record Profile(BrowserContext context, Watch watch) {}

  private final Browser browser;
  private final Map<String, Profile> profiles = new LinkedHashMap<>();

  Tabs(Browser browser) {
    this.browser = browser;
  }

  /** A new tab, with nothing in it yet. */
  Dashboard open(URI service) {
    return open(service, Look.LIGHT);
  }

  Dashboard open(URI service, Look look) {
    Profile profile = profiles.computeIfAbsent(look + " " + service, key -> profile(service, look));
    Page page = profile.context().newPage();
    return new Dashboard(page, service, profile.watch());
  }

  /** A new tab in a profile of its own, which has seen nothing yet. */
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

  /** Takes pictures of what is shown, for who asks why the test has failed. */
  void picture(String test) {
    int number = 0;
    for (Profile profile : profiles.values()) {
      for (Page page : profile.context().pages()) {
        Path file = FAILURES.resolve(test + "-" + ++number + ".png");
        page.screenshot(new Page.ScreenshotOptions().setPath(file).setFullPage(true));
        System.out.printf("%s: what was shown is in %s%n", test, file);
      }
    }
  }

  /** Closes all tabs; fails when a page has done what it must not. */
  void close() {
    List<Watch.Finding> findings = new ArrayList<>();
    for (Profile profile : profiles.values()) {
      // A round trip, after which all that has happened so far has been told.
      profile.context().cookies();
      findings.addAll(profile.watch().findings());
      profile.context().close();
    }
    profiles.clear();
    Assertions.assertEquals(List.of(), findings);
  }
}
