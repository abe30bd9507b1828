package dev.rowmill.security;

import dev.rowmill.batch.ProjectPatterns;
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
public record AccessToken(
    long id,
    String name,
    Role role,
    ProjectPatterns projects,
    Instant createdAt,
    @Nullable String createdBy,
    @Nullable Instant expiresAt,
    @Nullable Instant lastUsedAt,
    @Nullable Instant revokedAt) {}
