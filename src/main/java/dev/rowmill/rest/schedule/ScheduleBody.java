package dev.rowmill.rest.schedule;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.rest.batch.BatchBodies;
import dev.rowmill.rest.batch.StartBody;
import dev.rowmill.rest.batch.StartTime;
import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.InvalidRequestException.Violation;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.schedule.Retention;
import dev.rowmill.schedule.ScheduleDefinition;
import dev.rowmill.schedule.WhenBusy;
import dev.rowmill.schedule.WhenMissed;
import dev.rowmill.task.Refusal.Reason;
import dev.rowmill.upload.UploadTask;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the members of a schedule that are not those of a start. */
@RegisterForReflection
public record ScheduleBody(
    @Schema(description = "Project in which it starts batches", maxLength = 64)
        @NotNull(message = "missing-value")
        @Size(min = 1, max = 64)
        @Nullable String project,
    @Schema(
            description =
                "When it fires: minute, hour, day of the month, month and day of the week, such as"
                    + " 30 2 * * mon-fri")
        @Size(min = 1, max = 200)
        @Nullable String cron,
    @Schema(
            description =
                "Instead of cron: an ISO 8601 duration from PT1S to P366D, such as PT15M, of real"
                    + " time between two firings")
        @Size(min = 1, max = 50)
        @Nullable String every,
    @Schema(description = "Time zone of cron and of relative parameters", defaultValue = "UTC")
        @Size(min = 1, max = 64)
        @Nullable String zone,
    @Schema(
            description = "What a firing does while the project has an active batch",
            defaultValue = "skip")
        @Nullable WhenBusy onBusy,
    @Schema(
            description =
                "What happens to firings that were due while no node was running: one batch for"
                    + " all of them, or none",
            defaultValue = "once")
        @Nullable WhenMissed onMissed,
    @Schema(description = "Time after which it does not fire, with an offset", format = "date-time")
        @Size(min = 1, max = StartTime.LONGEST)
        @Nullable String until,
    @Schema(
            description =
                "How long an approval of the schedule holds: an ISO 8601 duration from PT1S to"
                    + " P366D",
            defaultValue = ScheduleDefinition.APPROVAL_VALID_FOR)
        @Size(min = 1, max = 50)
        @Nullable String approvalValidFor,
    @Schema(
            description =
                "How many times the median of the last ten runs a run may plan to change without an"
                    + " approval of its own: 5 by default, 0 for any number, else from 1.01, with"
                    + " at most two digits after the point")
        @Min(0)
        @Max(1_000_000)
        @Nullable BigDecimal unusualFactor,
    @Schema(description = "Whether it fires; false for a paused schedule", defaultValue = "true")
        @Nullable Boolean enabled) {

  private static final int FACTOR_DIGITS = 2;
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofDays(366);

  /** Lists the members of a start that a schedule can't have. */
  private static final List<String> NOT_OF_SCHEDULES = List.of("startAt", "after");

  /** Represents a request to store a schedule. */
  record Request(String project, boolean enabled, ScheduleDefinition definition) {

    /** Returns the request of a retention. */
    Request of(Retention retention) {
      return new Request(project, enabled, definition.of(retention));
    }

    /**
     * Checks that it doesn't start a task that only another operation may store.
     *
     * @throws InvalidRequestException when it does
     */
    void refuseTask(String name) {
      if (BatchBodies.json(definition.start()).path("task").asText().equals(name)) {
        throw new InvalidRequestException("task", Reason.of("only-by-retention"));
      }
    }
  }

  /**
   * Represents a body that may be incomplete.
   *
   * @param project null for none
   * @param definition null while it is not valid when the schedule fires
   * @param violations all violations of the body
   */
  record Draft(
      @Nullable String project,
      boolean enabled,
      @Nullable ScheduleDefinition definition,
      List<Violation> violations) {}

  /**
   * Reads the body.
   *
   * @param now moment from which intervals are counted
   * @throws InvalidRequestException with all violations of the body
   */
  static Request read(JsonBody whole, Instant now) {
    Draft draft = draft(whole, now);
    if (!draft.violations.isEmpty()) {
      throw new InvalidRequestException(draft.violations);
    }
    return new Request(
        String.valueOf(draft.project), draft.enabled, Objects.requireNonNull(draft.definition));
  }

  /**
   * Reads a body that may have violations.
   *
   * @param now moment from which intervals are counted
   */
  static Draft draft(JsonBody whole, Instant now) {
    Set<String> own = BodyReader.members(ScheduleBody.class);
    ObjectNode start = whole.node().deepCopy();
    start.remove(own);
    JsonBody body = of(whole.node().deepCopy().retain(own));
    ScheduleBody read = BodyReader.read(body, ScheduleBody.class);
    read.check(body);
    List<Violation> violations = new ArrayList<>();
    collect(violations, body::check);
    boolean isTimed = violations.stream().allMatch(it -> it.field().equals("project"));
    NOT_OF_SCHEDULES.stream()
        .filter(start::hasNonNull)
        .forEach(name -> violations.add(new Violation(name, Reason.of("not-with-schedule"))));
    start.remove(NOT_OF_SCHEDULES);
    if (start.hasNonNull("upload")) {
      violations.add(new Violation("upload", Reason.of("upload-with-schedule")));
    } else if (start.path("task").asText().equals(UploadTask.NAME)) {
      violations.add(new Violation("task", Reason.of("upload-with-schedule")));
    }
    collect(violations, () -> StartBody.read(of(start)));
    violations.addAll(RelativeTimes.violations(start.path("parameters"), now));
    ScheduleDefinition definition =
        isTimed ? read.definition(start.toString(), now, read.end()) : null;
    if (definition != null && !definition.fires(now)) {
      String name = read.cron == null ? "until" : "cron";
      violations.add(new Violation(name, Reason.of("never-fires")));
    }
    return new Draft(read.project, !Boolean.FALSE.equals(read.enabled), definition, violations);
  }

  /** Returns an object as a body. */
  static JsonBody of(ObjectNode node) {
    return JsonBody.of(node.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Adds the violations that a check throws. */
  static void collect(List<Violation> violations, Runnable check) {
    try {
      check.run();
    } catch (InvalidRequestException e) {
      violations.addAll(e.violations());
    }
  }

  private void check(JsonBody body) {
    long given = Stream.of("cron", "every").filter(body::has).count();
    if (given != 1) {
      body.violation(given == 0 ? "cron" : "every", Reason.of("one-of-cron-and-every"));
    }
    boolean isZone = zone == null || isZone(zone);
    if (!isZone) {
      body.violation("zone", Reason.of("not-a-zone"));
    }
    if (cron != null) {
      try {
        definition("{}", Instant.EPOCH, null).withZone("UTC").check();
      } catch (IllegalArgumentException e) {
        body.violation("cron", Reason.of("cron", "cause", String.valueOf(e.getMessage())));
      }
    }
    if (every != null && !isInterval(every)) {
      body.violation("every", Reason.of("interval"));
    }
    if (approvalValidFor != null && !isInterval(approvalValidFor)) {
      body.violation("approvalValidFor", Reason.of("interval"));
    }
    if (unusualFactor != null && !isFactor(unusualFactor)) {
      body.violation("unusualFactor", Reason.of("unusual-factor"));
    }
    StartTime.check(body, "until", until, Reason.of("time-with-offset"));
  }

  private static boolean isZone(String text) {
    try {
      // A bare offset is one as well, but has no daylight saving.
      ZoneId.of(text);
      return true;
    } catch (DateTimeException e) {
      return false;
    }
  }

  private static boolean isFactor(BigDecimal number) {
    return number.signum() == 0
        || (number.compareTo(BigDecimal.ONE) > 0
            && number.stripTrailingZeros().scale() <= FACTOR_DIGITS);
  }

  private static boolean isInterval(String text) {
    try {
      Duration interval = Duration.parse(text);
      return interval.compareTo(SHORTEST) >= 0
          && interval.compareTo(LONGEST) <= 0
          && interval.getNano() == 0;
    } catch (DateTimeException e) {
      return false;
    }
  }

  private @Nullable Instant end() {
    return until == null ? null : StartTime.of(until);
  }

  private ScheduleDefinition definition(String start, Instant now, @Nullable Instant end) {
    return new ScheduleDefinition(
        cron == null ? null : String.join(" ", cron.strip().split("\\s+")),
        every,
        zone == null ? "UTC" : zone,
        onBusy == null ? WhenBusy.SKIP : onBusy,
        onMissed == null ? WhenMissed.ONCE : onMissed,
        end,
        approvalValidFor,
        unusualFactor == null ? null : unusualFactor.setScale(FACTOR_DIGITS, RoundingMode.DOWN),
        now,
        start,
        Set.of(),
        null);
  }
}
