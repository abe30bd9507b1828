package dev.rowmill.schedule;

import dev.rowmill.batch.BatchKind;
import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Failure;
import dev.rowmill.batch.SecretValues;
import dev.rowmill.dispatch.BatchStarter;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.dispatch.StartRules;
import dev.rowmill.dispatch.task.InvalidParametersException;
import dev.rowmill.schedule.ScheduleApproval.State;
import dev.rowmill.schedule.ScheduleRun.Outcome;
import dev.rowmill.schedule.ScheduleRuns.Firing;
import dev.rowmill.schedule.ScheduledStart.Resolved;
import dev.rowmill.task.Plan;
import dev.rowmill.task.Refusal;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the firings of schedules: starts their batches, and decides about missed ones. A
 * firing has a start key of its own, so one that is carried out twice, by any nodes, starts one
 * batch. Safe for many threads.
 */
@ApplicationScoped
public class Firings {

  private static final Logger LOG = Logger.getLogger(Firings.class);

  /** Limits how late a firing may be before it counts as missed. */
  static final Duration GRACE = Duration.ofMinutes(1);

  /** Lists the refusals after which a firing is tried again. */
  private static final Set<String> TRANSIENT = Set.of("pool-full", "shutting-down");

  private final Schedules schedules;
  private final ScheduleRuns runs;
  private final ScheduledStart starts;
  private final BatchStarter starter;
  private final ScheduleMetrics metrics;
  private final Clock clock;

  Firings(
      Schedules schedules,
      ScheduleRuns runs,
      ScheduledStart starts,
      BatchStarter starter,
      ScheduleMetrics metrics,
      Clock clock) {
    this.schedules = schedules;
    this.runs = runs;
    this.starts = starts;
    this.starter = starter;
    this.metrics = metrics;
    this.clock = clock;
  }

  /**
   * Carries out what is due of a schedule.
   *
   * @param due time of its stored next firing
   * @return its next firing; empty when there is none
   */
  Optional<Instant> fire(long id, Instant due) {
    Schedule schedule = schedules.find(id).filter(Schedule::enabled).orElse(null);
    if (schedule == null) {
      return Optional.empty();
    }
    FireTimes times = schedule.definition().times();
    // A process that died may have carried it out, and later ones, before it could store the next.
    Optional<Instant> last = runs.last(id).filter(it -> !it.isBefore(due));
    Optional<Instant> from =
        schedule
            .definition()
            .beforeEnd(last.isPresent() ? times.next(last.get()) : Optional.of(due));
    Instant now = clock.instant();
    if (from.isEmpty() || from.get().isAfter(now)) {
      return from;
    }
    Instant until = schedule.definition().until();
    Instant at = times.last(from.get(), until != null && until.isBefore(now) ? until : now);
    boolean isMissed = at.isBefore(now.minus(GRACE));
    int earlier = times.count(from.get(), at);
    if (isMissed && schedule.definition().onMissed() == WhenMissed.SKIP) {
      if (runs.store(new Firing(schedule, at, false, earlier), Outcome.MISSED, null)) {
        metrics.fired(Outcome.MISSED);
      }
    } else {
      fire(new Firing(schedule, at, false, earlier), isMissed);
    }
    return schedule.definition().beforeEnd(times.next(at));
  }

  private void fire(Firing firing, boolean isMissed) {
    Schedule schedule = firing.schedule();
    try {
      start(firing, starts.request(schedule, firing.fireAt()));
      if (!isMissed) {
        metrics.late(Duration.between(firing.fireAt(), clock.instant()));
      }
      metrics.fired(Outcome.STARTED);
    } catch (Refusal refusal) {
      boolean again = clock.instant().isBefore(firing.fireAt().plus(GRACE)) || isMissed;
      if (TRANSIENT.contains(refusal.type()) && again) {
        throw refusal;
      }
      Outcome outcome =
          refusal.type().equals("project-busy") ? Outcome.SKIPPED_BUSY : Outcome.FAILED;
      notStarted(firing, outcome, Failure.of(refusal, SecretValues.NONE));
    } catch (InvalidParametersException e) {
      notStarted(
          firing,
          Outcome.FAILED,
          new Failure("invalid-request", Map.of("violations", e.violations()), List.of()));
    }
    LOG.debugf("Schedule %s fired for %s", schedule.name(), firing.fireAt());
  }

  private void notStarted(Firing firing, Outcome outcome, Failure problem) {
    if (!runs.store(firing, outcome, problem)) {
      return;
    }
    metrics.fired(outcome);
    if (outcome == Outcome.FAILED) {
      LOG.warnf(
          "Schedule %s could not start a batch for %s: %s",
          firing.schedule().name(), firing.fireAt(), problem.type());
    }
  }

  private BatchView start(Firing firing, Resolved start) {
    Schedule schedule = firing.schedule();
    String key = schedule.id() + ":" + firing.fireAt().toEpochMilli();
    BatchView batch =
        runs.starting(
            firing, planned -> starter.fire(start.request(), rules(schedule, start, planned), key));
    metrics.started(batch);
    return batch;
  }

  private StartRules rules(Schedule schedule, Resolved start, Consumer<Plan.Count> planned) {
    boolean isCompared =
        schedule.definition().factor().signum() > 0
            && (start.request().spec().work().kind() == BatchKind.SQL
                || schedule.definition().retention() != null);
    Set<String> authors = start.request().spec().submission().authors();
    ScheduleApproval approval =
        schedule.approvalState(start.content(), authors, clock.instant()) == State.VALID
            ? schedule.approval()
            : null;
    return new StartRules(
        approval == null ? null : approval.by(),
        approval == null ? null : approval.at(),
        isCompared ? runs.usual(schedule).orElse(null) : null,
        isCompared ? planned : null,
        null);
  }

  /**
   * Starts the batch of a schedule now, whether it is enabled or not.
   *
   * @param by name of the caller; null where callers are not identified
   * @throws Refusal when it can't be started; no run is stored then
   */
  public BatchView run(Schedule schedule, @Nullable String by) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    if (now.getNano() == 0) {
      // Whole seconds belong to the firings that are due by themselves.
      now = now.plusMillis(1);
    }
    Resolved start = starts.request(schedule, now);
    StartRequest request = start.request();
    BatchSpec spec = request.spec();
    BatchView started =
        start(
            new Firing(schedule, now, true, 0),
            new Resolved(request.with(spec.with(spec.submission().by(by))), start.content()));
    metrics.fired(Outcome.STARTED);
    return started;
  }
}
