package dev.rowmill.batch;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * On what terms a batch was asked for. Immutable.
 *
 * @param submittedBy name of the caller; null where callers are not told apart
 * @param statement name of the saved statement that it runs; null for none
 * @param secrets names of the parameters whose values are shown to nobody, and kept only as long as
 *     the batch may run
 * @param walk the table whose rows its statement goes through, by its alias or name; null for the
 *     first that can be
 */
public record Submission(
    @Nullable String submittedBy,
    @Nullable String statement,
    Set<String> secrets,
    Bounds bounds,
    @Nullable String walk) {

  /** By nobody in particular, without bounds. */
  public static final Submission NONE = new Submission(null, null, Set.of(), Bounds.NONE, null);

  public Submission {
    secrets = Set.copyOf(secrets);
  }

  /** The same, asked for by a caller. */
  public Submission by(@Nullable String caller) {
    return new Submission(caller, statement, secrets, bounds, walk);
  }
}
