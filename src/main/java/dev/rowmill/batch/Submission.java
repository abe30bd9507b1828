package dev.rowmill.batch;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Describes how a batch was submitted. Immutable.
 *
 * @param submittedBy name of the caller; null where callers are not identified
 * @param statement name of the saved statement that it runs; null for none
 * @param secrets names of the parameters whose values are never shown, and are deleted when the
 *     batch ends
 * @param walk table whose rows its statement walks, by alias or name; null for the first possible
 *     one
 */
public record Submission(
    @Nullable String submittedBy,
    @Nullable String statement,
    Set<String> secrets,
    Bounds bounds,
    @Nullable String walk) {

  /** Describes a submission by an unidentified caller, without bounds. */
  public static final Submission NONE = new Submission(null, null, Set.of(), Bounds.NONE, null);

  public Submission {
    secrets = Set.copyOf(secrets);
  }

  /** Returns the submission with its caller. */
  public Submission by(@Nullable String caller) {
    return new Submission(caller, statement, secrets, bounds, walk);
  }
}
