package dev.rowmill.rest.http;

import org.jspecify.annotations.Nullable;

/** Represents a response that shows one batch, as far as the audit needs it. */
public interface AuditedBatch {

  /** Returns the name of its project. */
  String project();

  /** Returns the id of the batch. */
  long id();

  /** Returns its statement, or null where it has none. */
  @Nullable String sql();
}
