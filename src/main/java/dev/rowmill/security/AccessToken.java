package dev.rowmill.security;

import dev.rowmill.batch.ProjectPatterns;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Represents a stored token, without its secret. Immutable.
 *
 * @param createdBy name of the token that created it; null for the first token, or if the service
 *     ran in mode {@code open}
 * @param expiresAt null if the token never expires
 * @param lastUsedAt time of the last use, accurate to a minute; null if the token was never used
 * @param revokedAt null unless the token is revoked
 */
@Embeddable
public record AccessToken(
    @Column(insertable = false, updatable = false) long id,
    String name,
    @Enumerated(EnumType.STRING) Role role,
    ProjectPatterns projects,
    Instant createdAt,
    @Nullable String createdBy,
    @Nullable Instant expiresAt,
    @Nullable Instant lastUsedAt,
    @Nullable Instant revokedAt) {

  /** Returns whether the token is neither revoked nor expired. */
  boolean isLive(Instant now) {
    return revokedAt == null && (expiresAt == null || now.isBefore(expiresAt));
  }
}
