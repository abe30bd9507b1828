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
 * Notices all that a page must not do: errors and warnings on the console, errors that nobody
 * catches, violations of the Content-Security-Policy, requests that fail, and requests to anyone
 * but the service. For one thread at a time.
 */
final class Watch {

  /** Something that a page must not do. */
  record Finding(Kind kind, String text) {}

  enum Kind {
    CONSOLE,
    ERROR,
    POLICY,
    FAILED_REQUEST,
    FOREIGN_REQUEST
  }

  private static final Set<String> LOUD = Set.of("error", "warning");

  /** The page's own doing: it was left, or has closed its events. */
  private static final String ABORTED = "net::ERR_ABORTED";

  private static final String REPORT = "tellTheTestOfAViolation";

  private final String origin;
  private final List<Finding> findings = new ArrayList<>();
  private final List<Pattern> announced = new ArrayList<>();

  /**
   * @param service the only one that may be asked for anything
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
    // What Playwright runs in a page is not held to the page's policy.
    context.addInitScript(
        """
        document.addEventListener('securitypolicyviolation', event =>
          %s(`${event.effectiveDirective} forbids ${event.blockedURI}`));
        """
            .formatted(REPORT));
  }

  /** Lets pass from now on, and what has been so far, what holds a match of the pattern. */
  void announce(String pattern) {
    announced.add(Pattern.compile(pattern));
  }

  /** All that was noticed so far and was not announced. */
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
