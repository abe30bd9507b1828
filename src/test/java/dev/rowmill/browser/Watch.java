package dev.rowmill.browser;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Request;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Records everything that a page must not do: console errors and warnings, uncaught errors,
 * violations of the Content-Security-Policy, failed requests, and requests to other hosts than the
 * service. Not thread-safe.
 */
final class Watch {

  /** Represents a forbidden action of a page. */
  record Finding(Kind kind, String text) {}

  enum Kind {
    CONSOLE,
    ERROR,
    POLICY,
    FAILED_REQUEST,
    FOREIGN_REQUEST
  }

  private static final Set<String> LOUD = Set.of("error", "warning");

  /** Matches requests that the page itself aborted: it was left, or has closed its events. */
  private static final String ABORTED = "net::ERR_ABORTED";

  private static final String REPORT = "tellTheTestOfAViolation";

  private final String origin;
  private final List<Finding> findings = new ArrayList<>();
  private final List<Pattern> announced = new ArrayList<>();

  /**
   * Watches the pages of a browser context.
   *
   * @param service the only address that requests may go to
   */
  Watch(BrowserContext context, URI service) {
    origin = service.toString();
    context.onConsoleMessage(this::onConsole);
    context.onWebError(error -> add(Kind.ERROR, error.error()));
    context.onRequest(this::onRequest);
    context.onRequestFailed(this::onFailure);
    context.exposeFunction(
        REPORT,
        arguments -> {
          add(Kind.POLICY, String.valueOf(arguments[0]));
          return null;
        });
    // Scripts that Playwright runs in a page are exempt from the page's policy.
    context.addInitScript(
        """
        document.addEventListener('securitypolicyviolation', event =>
          %s(`${event.effectiveDirective} forbids ${event.blockedURI}`));
        """
            .formatted(REPORT));
  }

  /** Ignores all findings that match a pattern, including earlier ones. */
  void announce(String pattern) {
    announced.add(Pattern.compile(pattern));
  }

  /** Returns the findings so far that match no announced pattern. */
  List<Finding> findings() {
    return findings.stream()
        .filter(it -> announced.stream().noneMatch(known -> known.matcher(it.text()).find()))
        .toList();
  }

  private void onConsole(ConsoleMessage message) {
    if (LOUD.contains(message.type())) {
      add(Kind.CONSOLE, message.text() + " at " + message.location());
    }
  }

  private void onRequest(Request request) {
    String url = request.url();
    if (!url.equals(origin) && !url.startsWith(origin + "/")) {
      add(Kind.FOREIGN_REQUEST, url);
    }
  }

  private void onFailure(Request request) {
    if (!ABORTED.equals(request.failure())) {
      add(Kind.FAILED_REQUEST, request.url() + ": " + request.failure());
    }
  }

  private void add(Kind kind, String text) {
    findings.add(new Finding(kind, text));
  }
}
