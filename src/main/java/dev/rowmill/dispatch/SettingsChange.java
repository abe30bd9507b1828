package dev.rowmill.dispatch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.BatchSettings;
import org.jspecify.annotations.Nullable;

/**
 * Holds the settings that a caller overrides, at a start or for an active batch; null keeps the
 * present value. Rows without a target fix the chunk size. With a target, the size follows the
 * chunks' duration.
 *
 * @param limits members of {@link dev.rowmill.batch.ThrottleLimits} by name
 */
public record SettingsChange(
    @Nullable Integer chunkRows,
    @Nullable Integer targetMillis,
    @Nullable Integer lanes,
    @Nullable ObjectNode limits) {

  /** Overrides nothing. */
  public static final SettingsChange NONE = new SettingsChange(null, null, null, null);

  /** Returns the settings with the overrides. */
  public BatchSettings applyTo(BatchSettings before) {
    boolean chunk = chunkRows != null || targetMillis != null;
    return new BatchSettings(
        chunk ? chunkRows : before.chunkRows(),
        chunk ? targetMillis : before.targetMillis(),
        lanes == null ? before.lanes() : lanes,
        limits == null ? before.limits() : before.limits().with(limits));
  }
}
