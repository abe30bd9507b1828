package dev.rowmill.security;

import dev.rowmill.batch.ProjectPatterns;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Creates and ends browser sessions. They are stored in the database, so each node accepts them.
 * Thread-safe. Throws a runtime exception with the SQL error among its causes if the database is
 * unreachable.
 */
@ApplicationScoped
public class Sessions {

  private static final Duration LONGEST = Duration.ofHours(12);

  /**
   * Represents a session that was just created.
   *
   * @param id the session id, a secret for the cookie only
   */
  public record SignIn(
      String id,
      String csrfToken,
      String name,
      Role role,
      ProjectPatterns projects,
      Instant expiresAt) {}

  /** Holds the result of a login: a session, or the reason for its denial. */
  public record Outcome(@Nullable SignIn signIn, @Nullable Denial denial) {}

  private final AuthDatabase database;
  private final Grants grants;
  private final LoginThrottle attempts;
  private final TokenUsage lastUses;
  private final Clock clock;

  Sessions(
      AuthDatabase database,
      Grants grants,
      LoginThrottle attempts,
      TokenUsage lastUses,
      Clock clock) {
    this.database = database;
    this.grants = grants;
    this.attempts = attempts;
    this.lastUses = lastUses;
    this.clock = clock;
  }

  /**
   * Creates a session for a token. The session ends when the token expires, and after twelve hours
   * at the latest.
   */
  public Outcome begin(String token, HttpServerRequest request) {
    String address = Callers.address(request);
    Duration refused = attempts.refused(address);
    if (!refused.isZero()) {
      return new Outcome(null, new Denial(Denial.Cause.TOO_MANY_ATTEMPTS, refused));
    }
    Optional<Grant> found =
        TokenSecrets.isToken(token) ? grants.find(Credential.token(token)) : Optional.empty();
    if (found.isEmpty()) {
      attempts.wrong(address);
      return new Outcome(null, Denial.of(Denial.Cause.BAD_TOKEN));
    }
    Grant grant = found.get();
    lastUses.used(grant.token());
    return new Outcome(begin(grant), null);
  }

  private SignIn begin(Grant grant) {
    Instant now = clock.instant();
    Instant end = now.plus(LONGEST);
    Instant tokenEnd = grant.expiresAt();
    Instant expires = tokenEnd != null && tokenEnd.isBefore(end) ? tokenEnd : end;
    String id = TokenSecrets.session();
    database.call(
        connection ->
            AuthDatabase.change(
                connection,
                "INSERT INTO sign_in (id_hash, token, created_at, expires_at) VALUES (?, ?, ?, ?)",
                TokenSecrets.hash(id),
                grant.token(),
                now,
                expires));
    return new SignIn(
        id, TokenSecrets.csrfToken(id), grant.name(), grant.role(), grant.projects(), expires);
  }

  /** Ends the session of a request, if there is one. */
  public void end(HttpServerRequest request) {
    SessionCookie.of(request)
        .ifPresent(
            id -> {
              database.call(
                  connection ->
                      AuthDatabase.change(
                          connection,
                          "DELETE FROM sign_in WHERE id_hash = ?",
                          TokenSecrets.hash(id)));
              grants.forget();
            });
  }

  /** Deletes the expired sessions, 100 per transaction. */
  void purge() {
    int deleted;
    do {
      deleted =
          database.call(
              connection ->
                  AuthDatabase.change(
                      connection,
                      "DELETE FROM sign_in WHERE expires_at < ? ORDER BY expires_at LIMIT 100",
                      clock.instant()));
    } while (deleted == 100);
  }
}
