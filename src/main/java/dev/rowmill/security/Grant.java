package dev.rowmill.security;

import dev.rowmill.batch.ProjectPatterns;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a good token or session gives. Immutable.
 *
 * @param token its id
 * @param expiresAt of the token or the session; null for never
 */
record Grant(
    long token, String name, Role role, ProjectPatterns projects, @Nullable Instant expiresAt) {

  /** Under which the identity of a request holds it. */
  static final String ATTRIBUTE = "rowmill.grant";

  boolean isOver(Instant now) {
    return expiresAt != null && !now.isBefore(expiresAt);
  }
}
