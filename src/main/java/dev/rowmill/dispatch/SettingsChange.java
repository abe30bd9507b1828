package dev.rowmill.dispatch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.BatchSettings;
import org.jspecify.annotations.Nullable;

/**
 * What a caller wants otherwise, of a batch to be started or of one that lives; null for what stays
 * as it is. Rows without a target fix the size of the chunks, a target lets it follow their time.
 *
 * @param limits members of {@link dev.rowmill.batch.Limits} by name
 */
public record SettingsChange(
    @Nullable Integer chunkRows,
    @Nullable Integer targetMillis,
    @Nullable Integer lanes,
    @Nullable ObjectNode limits) {

  /** Nothing. */
  public static final SettingsChange NONE = new SettingsChange(null, null, null, null);

  BatchSettings applyTo(BatchSettings before) {
    boolean chunk = chunkRows != null || targetMillis != null;
    return new BatchSettings(
        chunk ? chunkRows : before.chunkRows(),
        chunk ? targetMillis : before.targetMillis(),
        lanes == null ? before.lanes() : lanes,
        limits == null ? before.limits() : before.limits().with(limits));
  }
}
