package dev.rowmill.testing;

import java.time.Duration;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Lets Awaitility evaluate a condition at once, then often, and for minutes, where a test does not
 * say otherwise. By default it waits for a tenth of a second first, and gives up after ten seconds.
 * Applies to all tests.
 */
public final class ShortPolling implements BeforeAllCallback {

  private static final Duration INTERVAL = Duration.ofMillis(20);

  /** Only delays failures. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Override
  public void beforeAll(ExtensionContext context) throws ReflectiveOperationException {
    // A test with a service inside has classes of its own, with defaults of their own.
    Class<?> awaitility =
        Class.forName(
            "org.awaitility.Awaitility", true, context.getRequiredTestClass().getClassLoader());
    awaitility.getMethod("setDefaultPollDelay", Duration.class).invoke(null, Duration.ZERO);
    awaitility.getMethod("setDefaultPollInterval", Duration.class).invoke(null, INTERVAL);
    awaitility.getMethod("setDefaultTimeout", Duration.class).invoke(null, PATIENCE);
  }
}
