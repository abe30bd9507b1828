package dev.rowmill.throttle;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.awaitility.Awaitility;

/** Polls a pace like the engine, until it returns the expected verdict. */
final class Asking {

  static final Duration PATIENCE = Duration.ofMinutes(2);

  private Asking() {}

  static void awaitGo(Pace pace, Thresholds limits) {
    Awaitility.await("the throttles to open")
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> pace.next(limits), Verdict.Go.class::isInstance);
  }

  /** Waits until the pace says wait for that reason. */
  static Verdict.Wait awaitWait(Pace pace, Thresholds limits, Reason reason, String detail) {
    Verdict verdict =
        Awaitility.await("the throttle " + reason.text() + " to close with: " + detail)
            .atMost(PATIENCE)
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(50))
            .until(
                () -> pace.next(limits),
                it -> it instanceof Verdict.Wait wait && wait.detail().matches(detail));
    var wait = (Verdict.Wait) verdict;
    assertTrue(wait.reason() == reason, wait::toString);
    assertTrue(wait.pause().toMillis() > 0, wait::toString);
    return wait;
  }

  /** Waits until a figure has been read, so that an open verdict is based on it. */
  static double awaitRead(Measure measure) {
    return awaitReadAfter(measure, System.nanoTime());
  }

  private static double awaitReadAfter(Measure measure, long sinceNanos) {
    Sample sample =
        Awaitility.await(measure.name() + " to be read")
            .atMost(PATIENCE)
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(20))
            .until(
                measure::sample,
                it -> it instanceof Sample.Read read && read.at() - sinceNanos > 0);
    return ((Sample.Read) sample).number();
  }
}
