package dev.rowmill.batch;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * Holds the throttle limits of a batch that differ from the configured ones; null for the
 * configured one, and 0 for no limit.
 *
 * @param replicaLagMillis maximum lag of a replica
 * @param threadsRunning maximum number of statements that the server runs at once
 * @param threadsRunningCritical number of running statements at which the batch fails instead of
 *     waiting
 * @param commitMillis maximum duration of a chunk's commit
 * @param historyLength maximum length of InnoDB's history list
 * @param lockWaitMillis maximum wait of others for the locks of a chunk
 * @param rowsPerSecond rate of processed rows, over all lanes
 * @param nice pause between two chunks, as a multiple of the duration of the chunk
 * @param ignoreThrottle whether the limits of the server are ignored
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

  /** Keeps all configured limits. */
  public static final ThrottleLimits NONE =
      new ThrottleLimits(null, null, null, null, null, null, null, null, null);

  /** Returns a JSON object with the members that are not null. */
  public String toJson() {
    return StoredJson.write(this);
  }

  /**
   * Returns the limits with some members changed.
   *
   * @param changes members by name; null resets a member to the configured limit
   */
  public ThrottleLimits with(ObjectNode changes) {
    ObjectNode merged = StoredJson.read(toJson(), ObjectNode.class);
    changes.properties().forEach(member -> merged.set(member.getKey(), member.getValue()));
    return fromJson(merged.toString());
  }

  public static ThrottleLimits fromJson(String json) {
    return StoredJson.read(json, ThrottleLimits.class);
  }
}
