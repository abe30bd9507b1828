package dev.rowmill.security;

import dev.rowmill.batch.ProjectPatterns;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A token as it is kept, without its secret. Immutable.
 *
 * @param createdBy name of the token that it was made with; null for the first one, and where the
 *     service ran open
 * @param expiresAt null for never
 * @param lastUsedAt to the minute; null when it never was
 * @param revokedAt null while it is not
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
