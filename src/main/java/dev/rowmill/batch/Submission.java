package dev.rowmill.batch;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Describes how a batch was submitted. Immutable.
 *
 * @param submittedBy name of the caller; null where callers are not distinguished
 * @param statement name of the saved statement that it runs; null for none
 * @param secrets names of the parameters whose values are never shown, and stored only as long as
 *     the batch may run
 * @param walk alias or name of the table whose rows the statement walks; null for the first
 *     possible one
 */
public record Submission(
    @Nullable String submittedBy,
    @Nullable String statement,
    Set<String> secrets,
    Bounds bounds,
    @Nullable String walk) {

  /** Represents a submission without a caller or bounds. */
  public static final Submission NONE = new Submission(null, null, Set.of(), Bounds.NONE, null);

  public Submission {
    secrets = Set.copyOf(secrets);
  }

  /** Returns a copy with another caller. */
  public Submission by(@Nullable String caller) {
    return new Submission(caller, statement, secrets, bounds, walk);
  }
}
