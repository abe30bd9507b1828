package dev.rowmill.throttle;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleFunction;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Applies a limit to the sampled value of one throttle. An unreadable value counts as beyond its
 * limit, but the first sample may take a second to arrive. Thread-safe.
 */
final class SampleRule {

  private static final Logger LOG = Logger.getLogger(SampleRule.class);

  static final Optional<Verdict> GO = Optional.empty();

  private static final long GRACE = TimeUnit.SECONDS.toNanos(1);
  private static final Duration SOON = Duration.ofMillis(50);
  private static final String WAY_OUT = "; ignoreThrottle lets the batch run anyway";

  private final long staleAfter;
  private final Supplier<Duration> period;

  /**
   * @param staleAfter the age at which a number counts as unread; zero or less: none
   * @param period until the next sample
   */
  SampleRule(Duration staleAfter, Supplier<Duration> period) {
    this.staleAfter = staleAfter.toNanos();
    this.period = period;
  }

  /** Applies a limit to a number, where there is one. */
  Optional<Verdict> at(
      Measure measure, Reason reason, long now, DoubleFunction<Optional<Verdict>> limit) {
    Sample sample = measure.sample();
    if (sample instanceof Sample.Read read) {
      long age = now - read.at();
      return staleAfter <= 0 || age <= staleAfter
          ? limit.apply(read.number())
          : closed(
              reason,
              "%s was last read %s ago%s".formatted(measure.name(), Figures.time(age), WAY_OUT));
    }
    if (sample instanceof Sample.Failed failed) {
      return closed(reason, measure.name() + " can't be read: " + failed.why() + WAY_OUT);
    }
    if (sample instanceof Sample.Unread unread && now - unread.since() < GRACE) {
      return GO;
    }
    return Optional.of(
        new Verdict.Wait(reason, measure.name() + " has not been read yet" + WAY_OUT, SOON));
  }

  /** Returns a wait until the next sample. */
  Optional<Verdict> closed(Reason reason, String detail) {
    return Optional.of(new Verdict.Wait(reason, detail, period.get()));
  }

  /**
   * Returns whether the server refuses to report a number, for a missing privilege or by its
   * settings. Logs one warning about it.
   *
   * @param grants that are missing, probably
   */
  boolean isRefused(Measure measure, String grants) {
    if (!(measure.sample() instanceof Sample.Failed failed) || !failed.refused()) {
      return false;
    }
    if (measure.firstWarning()) {
      LOG.warnf(
          "The default limit on %s is not applied, because the server does not report it: %s. Grant"
              + " it with %s, or set the limit to 0",
          measure.name(), failed.why(), grants);
    }
    return true;
  }
}
