package dev.rowmill.schedule;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.Labels;
import dev.rowmill.batch.StoredJson;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Defines when a schedule fires, and what it starts. Stored as JSON. Immutable.
 *
 * @param cron five fields; null for a schedule with an interval
 * @param every ISO duration; null for a schedule with a cron
 * @param zone time zone of the cron and of relative parameters
 * @param until time after which it does not fire; null for no end
 * @param approvalValidFor ISO duration for which an approval holds; null for the default
 * @param unusualFactor how many times the median of earlier runs a run may plan to change without
 *     an approval; 0 for any; null for the default
 * @param anchor moment from which intervals are counted, in whole seconds
 * @param start JSON object: the members of the body of a start
 * @param secrets names of the parameters whose values are never shown
 * @param retention what its start was generated from; null for any other schedule
 */
public record ScheduleDefinition(
    @Nullable String cron,
    @Nullable String every,
    String zone,
    WhenBusy onBusy,
    WhenMissed onMissed,
    @Nullable Instant until,
    @Nullable String approvalValidFor,
    @Nullable BigDecimal unusualFactor,
    Instant anchor,
    String start,
    Set<String> secrets,
    @Nullable Retention retention) {

  /** Sets how long an approval holds by default. */
  public static final String APPROVAL_VALID_FOR = "P90D";

  private static final BigDecimal UNUSUAL_FACTOR = BigDecimal.valueOf(5);

  /**
   * Lists the members of a start that change neither which rows are changed nor how. A change of
   * any other one, also of one that is added later, voids an approval.
   */
  private static final Set<String> NOT_OF_CONTENT =
      Set.of("chunk", "lanes", "limits", "mode", "reason", "labels", "queueAfter");

  public ScheduleDefinition {
    secrets = Set.copyOf(secrets);
  }

  /** Returns a copy with the names of its secret parameters. */
  public ScheduleDefinition hiding(Set<String> names) {
    return with(zone, anchor, names, retention);
  }

  /** Returns a copy that counts its interval like the one that it replaces, if that is equal. */
  public ScheduleDefinition replacing(ScheduleDefinition before) {
    return Objects.equals(every, before.every)
        ? with(zone, before.anchor, secrets, retention)
        : this;
  }

  /** Returns a copy with what its start was generated from. */
  public ScheduleDefinition of(Retention rules) {
    return with(zone, anchor, secrets, rules);
  }

  /** Returns a copy in another zone. */
  public ScheduleDefinition withZone(String other) {
    return with(other, anchor, secrets, retention);
  }

  private ScheduleDefinition with(
      String inZone, Instant from, Set<String> hidden, @Nullable Retention rules) {
    return new ScheduleDefinition(
        cron,
        every,
        inZone,
        onBusy,
        onMissed,
        until,
        approvalValidFor,
        unusualFactor,
        from,
        start,
        hidden,
        rules);
  }

  /**
   * Checks whether its batches change the same rows in the same way, within the same bounds, as
   * those of another one. Relative parameters depend on the zone, so it is the same, too.
   */
  boolean hasContentOf(ScheduleDefinition other) {
    return zone.equals(other.zone)
        && factor().compareTo(other.factor()) == 0
        && content().equals(other.content());
  }

  private ObjectNode content() {
    return members().remove(NOT_OF_CONTENT);
  }

  private ObjectNode members() {
    return StoredJson.read(start, ObjectNode.class);
  }

  /** Returns the name of the saved statement that it starts; null for none. */
  public @Nullable String statement() {
    return members().path("statement").textValue();
  }

  /** Returns the labels of the schedule, which its batches have, too. */
  public Labels labels() {
    Map<String, String> values = new TreeMap<>();
    members()
        .path("labels")
        .properties()
        .forEach(label -> values.put(label.getKey(), label.getValue().asText()));
    return new Labels(values);
  }

  /** Returns the factor above which a run is unusual; 0 when runs are not compared. */
  public BigDecimal factor() {
    return unusualFactor == null ? UNUSUAL_FACTOR : unusualFactor;
  }

  /** Returns how long an approval holds, as it was given, or by default. */
  public String approvalDuration() {
    return approvalValidFor == null ? APPROVAL_VALID_FOR : approvalValidFor;
  }

  /**
   * Checks that its cron can be parsed.
   *
   * @throws IllegalArgumentException when not; the message says why
   */
  public void check() {
    times();
  }

  /** Checks whether it fires after a moment. */
  public boolean fires(Instant after) {
    return beforeEnd(times().next(after)).isPresent();
  }

  /** Returns a time unless it is after the end of the schedule. */
  Optional<Instant> beforeEnd(Optional<Instant> time) {
    return time.filter(it -> until == null || !it.isAfter(until));
  }

  /**
   * Returns the times at which it fires.
   *
   * @throws IllegalArgumentException when the cron is not valid; the message says why
   */
  FireTimes times() {
    if (cron != null) {
      return CronTimes.of(cron, ZoneId.of(zone));
    }
    if (every == null) {
      throw new IllegalArgumentException("neither cron nor every");
    }
    return new EveryTimes(Duration.parse(every), anchor);
  }
}
