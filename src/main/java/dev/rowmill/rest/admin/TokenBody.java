package dev.rowmill.rest.admin;

import dev.rowmill.batch.ProjectPatterns;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.security.AccessToken;
import dev.rowmill.security.Role;
import dev.rowmill.task.Refusal.Reason;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
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
            enumeration = {"viewer", "operator", "author", "admin"})
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

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}");
  private static final Set<String> MEMBERS =
      Set.of("name", "role", "projects", "expiresAt", "expiresInDays");

  /** Limits the patterns of one token, since each is matched against every requested project. */
  public static final int MOST_PATTERNS = 50;

  public static final int MOST_DAYS = 3650;

  /** Represents a request for a token. */
  record Wanted(String name, Role role, ProjectPatterns projects, @Nullable Instant expiresAt) {}

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

  /**
   * Reads and validates the body of a request for a token.
   *
   * @throws InvalidRequestException with all violations of the body
   */
  static Wanted read(byte[] bytes, Instant now) {
    JsonBody body = JsonBody.of(bytes);
    body.refuseUnknown(MEMBERS);
    String name = body.text("name");
    if (name == null ? !body.has("name") : !NAME.matcher(name).matches()) {
      body.violation("name", Reason.of("token-name"));
    }
    Role role = body.oneOf("role", Role.values(), Role::code);
    if (!body.has("role")) {
      body.violation("role", Reason.of("not-one-of", "values", "viewer, operator, author, admin"));
    }
    List<String> given = body.texts("projects");
    List<String> projects = given == null ? List.of("*") : given;
    if (projects.isEmpty()
        || projects.size() > MOST_PATTERNS
        || !projects.stream().allMatch(ProjectPatterns::isPattern)) {
      body.violation(
          "projects", Reason.of("project-patterns", "max", String.valueOf(MOST_PATTERNS)));
    } else if (role == Role.ADMIN && !projects.contains("*")) {
      body.violation("projects", Reason.of("admin-of-all"));
    }
    Instant expires = expires(body, now);
    body.check();
    return new Wanted(
        String.valueOf(name),
        role == null ? Role.VIEWER : role,
        new ProjectPatterns(projects),
        expires);
  }

  private static @Nullable Instant expires(JsonBody body, Instant now) {
    Integer days = body.integer("expiresInDays", 1, MOST_DAYS);
    String at = body.text("expiresAt");
    if (at == null) {
      return days == null ? null : now.plus(Duration.ofDays(days));
    }
    if (body.has("expiresInDays")) {
      body.violation("expiresInDays", Reason.of("one-expiry"));
    }
    try {
      Instant expires = Instant.parse(at).truncatedTo(ChronoUnit.MILLIS);
      if (expires.isAfter(now) && expires.isBefore(now.plus(Duration.ofDays(MOST_DAYS + 1L)))) {
        return expires;
      }
    } catch (DateTimeParseException e) {
      // Reported below.
    }
    body.violation("expiresAt", Reason.of("future-time", "days", String.valueOf(MOST_DAYS)));
    return null;
  }
}
