package dev.rowmill.batch;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * What a batch holds itself to where it differs from what is configured; null where it doesn't, and
 * 0 for no limit.
 *
 * @param replicaLagMillis how far a replica may be behind
 * @param threadsRunning statements that the server may run at once
 * @param threadsRunningCritical so many that the batch fails rather than waits
 * @param commitMillis how long a chunk's commit may take
 * @param historyLength InnoDB's history list
 * @param lockWaitMillis how long others may wait for what a chunk has locked
 * @param rowsPerSecond rows looked at, over all lanes
 * @param nice rest between two chunks, as a share of the time that the chunk took
 * @param ignoreThrottle whether none of the server's limits holds the batch back
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ThrottleLimits(
    @Nullable Integer replicaLagMillis,
    @Nullable Integer threadsRunning,
    @Nullable Integer threadsRunningCritical,
    @Nullable Integer commitMillis,
    @Nullable Long historyLength,
    @Nullable Integer lockWaitMillis,
    @Nullable Integer rowsPerSecond,
    @Nullable Double nice,
    @Nullable Boolean ignoreThrottle) {

  /** All as configured. */
  public static final ThrottleLimits NONE =
      new ThrottleLimits(null, null, null, null, null, null, null, null, null);

  private static final ObjectMapper JSON = new ObjectMapper();

  /** As a JSON object with the members that are not null. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A record of numbers always becomes JSON", e);
    }
  }

  /**
   * The same with some members changed.
   *
   * @param changes members by name; one that is null is as configured again
   */
  public ThrottleLimits with(ObjectNode changes) {
    ObjectNode merged = JSON.valueToTree(this);
    changes.properties().forEach(member -> merged.set(member.getKey(), member.getValue()));
    return fromJson(merged.toString());
  }

  public static ThrottleLimits fromJson(String json) {
    try {
      return JSON.readValue(json, ThrottleLimits.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("stored limits can't be read: " + json, e);
    }
  }
}
