package dev.rowmill.rest.batch;

import dev.rowmill.batch.BatchView;
import dev.rowmill.changes.ChangeStream;
import dev.rowmill.rest.http.AuditedBatch;
import org.jspecify.annotations.Nullable;

/**
 * Represents the response with the changes of a batch.
 *
 * @param changes changes, of which the first part has been read
 */
record ChangeDownload(BatchView batch, ChangeStream changes) implements AuditedBatch {

  @Override
  public long id() {
    return batch.id();
  }

  @Override
  public String project() {
    return batch.project();
  }

  @Override
  public @Nullable String sql() {
    return batch.sql();
  }
}
