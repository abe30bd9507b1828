package dev.rowmill.throttle;

import static dev.rowmill.throttle.SampleRule.GO;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Checks a batch's limits against the sampled values. Built-in limits do not apply where the server
 * refuses to report the value; {@link Throttles} gives the reason. Thread-safe.
 */
final class SampledLimits {

  private static final double SECOND = TimeUnit.SECONDS.toNanos(1);

  private static final String HISTORY_GRANT = "GRANT PROCESS ON *.*";
  private static final String LOCKS_GRANT =
      "GRANT PROCESS ON *.*, on MySQL also GRANT SELECT ON performance_schema.data_lock_waits";

  private final Measures measures;
  private final Defaults defaults;
  private final SampleRule rule;

  SampledLimits(Measures measures, Defaults defaults, SampleRule rule) {
    this.measures = measures;
    this.defaults = defaults;
    this.rule = rule;
  }

  /** Returns the measures that these limits need. */
  List<Measure> needed(Thresholds limits) {
    List<Measure> needed = new ArrayList<>();
    if (limits.ignored()) {
      return needed;
    }
    if (limits.threadsRunning() > 0 || limits.threadsRunningCritical() > 0) {
      needed.add(measures.threads());
    }
    if (isOn(limits.replicaLag())) {
      needed.addAll(measures.replicas());
    }
    if (limits.historyLength() > 0) {
      needed.add(measures.history());
    }
    if (isOn(limits.lockWait())) {
      needed.add(measures.locks());
    }
    return needed;
  }

  /**
   * Returns how many threads the server ran at the last sample, without this node's; 0 if unknown.
   */
  long threadsRunning() {
    return measures.threads().sample() instanceof Sample.Read read ? Math.round(read.number()) : 0;
  }

  private static boolean isOn(Duration limit) {
    return limit.toNanos() > 0;
  }

  /**
   * Returns the verdict against the next chunk; empty when nothing prevents it.
   *
   * @param lockWait of others for locks of the calling lane, in nanoseconds
   */
  Optional<Verdict> judge(Thresholds limits, long lockWait, long now) {
    return threads(limits.threadsRunning(), limits.threadsRunningCritical(), now)
        .or(() -> replicas(limits.replicaLag(), now))
        .or(() -> history(limits, now))
        .or(() -> locks(limits, lockWait, now));
  }

  private Optional<Verdict> threads(int limit, int critical, long now) {
    if (limit <= 0 && critical <= 0) {
      return GO;
    }
    Reason reason = Reason.THREADS_RUNNING;
    return rule.at(
        measures.threads(),
        reason,
        now,
        number -> {
          if (critical > 0 && number > critical) {
            return Optional.of(
                new Verdict.Fail(reason, running(number, "critical limit", critical)));
          }
          return limit > 0 && number > limit
              ? rule.closed(reason, running(number, "limit", limit))
              : GO;
        });
  }

  private static String running(double number, String which, int limit) {
    return "the server runs %.0f threads; %s %d".formatted(number, which, limit);
  }

  private Optional<Verdict> replicas(Duration limit, long now) {
    if (isOn(limit)) {
      for (Measure replica : measures.replicas()) {
        Optional<Verdict> verdict = replica(replica, limit.toNanos() / SECOND, now);
        if (verdict.isPresent()) {
          return verdict;
        }
      }
    }
    return GO;
  }

  private Optional<Verdict> replica(Measure replica, double limit, long now) {
    return rule.at(
        replica,
        Reason.REPLICA_LAG,
        now,
        seconds ->
            seconds > limit
                ? rule.closed(
                    Reason.REPLICA_LAG,
                    "%s is %s behind; limit %s"
                        .formatted(
                            replica.name(), Figures.seconds(seconds), Figures.seconds(limit)))
                : GO);
  }

  private Optional<Verdict> history(Thresholds limits, long now) {
    long limit = limits.historyLength();
    Measure history = measures.history();
    if (limit <= 0
        || (!defaults.isHistoryRequested(limits) && rule.isRefused(history, HISTORY_GRANT))) {
      return GO;
    }
    return rule.at(
        history,
        Reason.HISTORY_LENGTH,
        now,
        number ->
            number > limit
                ? rule.closed(
                    Reason.HISTORY_LENGTH,
                    "InnoDB's history list has %.0f entries; limit %d".formatted(number, limit))
                : GO);
  }

  private Optional<Verdict> locks(Thresholds limits, long lockWait, long now) {
    Duration limit = limits.lockWait();
    Measure locks = measures.locks();
    if (!isOn(limit)
        || (!defaults.isLockWaitRequested(limits) && rule.isRefused(locks, LOCKS_GRANT))) {
      return GO;
    }
    return rule.at(
        locks,
        Reason.LOCK_WAIT,
        now,
        waiting ->
            lockWait > limit.toNanos()
                ? rule.closed(
                    Reason.LOCK_WAIT,
                    "others have waited %s for locks of a chunk; limit %s"
                        .formatted(Figures.time(lockWait), Figures.time(limit)))
                : GO);
  }
}
