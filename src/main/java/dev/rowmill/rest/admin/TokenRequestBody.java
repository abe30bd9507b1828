package dev.rowmill.rest.admin;

import dev.rowmill.batch.ProjectPatterns;
import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.Unaudited;
import dev.rowmill.security.Role;
import dev.rowmill.task.Refusal.Reason;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the body of a request for a token. */
@RegisterForReflection
public record TokenRequestBody(
    @Schema(
            description = "1 to 64 of A-Z a-z 0-9 . _ @ -; no other active token may have it",
            minLength = 1,
            maxLength = 64)
        @NotNull(message = "token-name")
        @Nullable String name,
    @Schema(
            description =
                "viewer reads; agent also plans changes and starts plans by /mcp; operator also starts"
                    + " tasks and controls batches; author also starts SQL of their own; admin also"
                    + " manages tokens")
        @NotNull(message = "not-one-of")
        @Nullable Role role,
    @Schema(
            description =
                "Patterns of the projects that its caller sees, in which * matches any characters;"
                    + " all by default, and for admins")
        @Size(max = MOST_PATTERNS)
        @Nullable List<String> projects,
    @Schema(description = "Time at which it expires; never by default", format = "date-time")
        @Nullable String expiresAt,
    @Schema(description = "Days until it expires, instead of expiresAt")
        @Min(1)
        @Max(MOST_DAYS)
        @Unaudited
        @Nullable Integer expiresInDays) {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}");

  /** Limits the patterns of one token, since each is matched against every requested project. */
  private static final int MOST_PATTERNS = 50;

  private static final int MOST_DAYS = 3650;

  /** Represents a valid request for a token. */
  record Wanted(String name, Role role, ProjectPatterns projects, @Nullable Instant expiresAt) {}

  /**
   * Reads and validates the body of a request for a token.
   *
   * @throws InvalidRequestException with all violations of the body
   */
  static Wanted read(byte[] bytes, Instant now) {
    JsonBody body = JsonBody.of(bytes);
    TokenRequestBody read = BodyReader.read(body, TokenRequestBody.class);
    if (read.name != null && !NAME.matcher(read.name).matches()) {
      body.violation("name", Reason.of("token-name"));
    }
    List<String> patterns = read.projects == null ? List.of("*") : read.projects;
    if (patterns.isEmpty()
        || patterns.size() > MOST_PATTERNS
        || !patterns.stream().allMatch(ProjectPatterns::isPattern)) {
      body.violation(
          "projects", Reason.of("project-patterns", "max", String.valueOf(MOST_PATTERNS)));
    } else if (read.role == Role.ADMIN && !patterns.contains("*")) {
      body.violation("projects", Reason.of("admin-of-all"));
    }
    Instant expires = read.expires(body, now);
    body.check();
    return new Wanted(
        String.valueOf(read.name),
        read.role == null ? Role.VIEWER : read.role,
        new ProjectPatterns(patterns),
        expires);
  }

  private @Nullable Instant expires(JsonBody body, Instant now) {
    if (expiresAt == null) {
      return expiresInDays == null ? null : now.plus(Duration.ofDays(expiresInDays));
    }
    if (body.has("expiresInDays")) {
      body.violation("expiresInDays", Reason.of("one-expiry"));
    }
    try {
      Instant expires = Instant.parse(expiresAt).truncatedTo(ChronoUnit.MILLIS);
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
