package dev.rowmill.security;

import dev.rowmill.batch.ProjectPatterns;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Represents the rights of a valid token or session. Immutable.
 *
 * @param token id of the token
 * @param expiresAt expiry of the token or session; null if it never expires
 */
record Grant(
    long token, String name, Role role, ProjectPatterns projects, @Nullable Instant expiresAt) {

  /** Identifies the identity's attribute that holds the grant. */
  static final String ATTRIBUTE = "rowmill.grant";

  static Grant of(AccessToken token, @Nullable Instant expiresAt) {
    return new Grant(token.id(), token.name(), token.role(), token.projects(), expiresAt);
  }

  boolean isOver(Instant now) {
    return expiresAt != null && !now.isBefore(expiresAt);
  }
}
