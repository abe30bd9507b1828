package dev.rowmill.rest.admin;

import dev.rowmill.security.AccessToken;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents a token as admins see it. */
@RegisterForReflection
@Schema(name = "Token", description = "A token, without its secret")
public record TokenBody(
    @Schema(description = "Number", examples = "3") long id,
    @Schema(
            description = "Name that identifies its caller in batches and in the audit",
            examples = "ci")
        String name,
    @Schema(
            description = "Role of its caller",
            enumeration = {"viewer", "agent", "operator", "author", "admin"})
        String role,
    @Schema(description = "Patterns of the projects that its caller sees; * matches any characters")
        List<String> projects,
    @Schema(description = "Time at which it was created") Instant createdAt,
    @Schema(
            description =
                "Name of the token that created it; null for the first one, and when the service"
                    + " ran open")
        @Nullable String createdBy,
    @Schema(description = "Time at which it expires; null for never") @Nullable Instant expiresAt,
    @Schema(description = "Time of its last use, to the minute; null when never used")
        @Nullable Instant lastUsedAt,
    @Schema(description = "Time at which it was revoked; null when it was not")
        @Nullable Instant revokedAt) {

  static TokenBody of(AccessToken token) {
    return new TokenBody(
        token.id(),
        token.name(),
        token.role().code(),
        token.projects().patterns(),
        token.createdAt(),
        token.createdBy(),
        token.expiresAt(),
        token.lastUsedAt(),
        token.revokedAt());
  }
}
