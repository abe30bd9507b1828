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
 * The sessions of browsers, kept in the database so that every node knows them. Safe for many
 * threads. Throws a runtime exception with the SQL error among its causes when the database can't
 * be reached.
 */
@ApplicationScoped
public class Sessions {

  private static final Duration LONGEST = Duration.ofHours(12);

  /**
   * A session that was just begun.
   *
   * @param id for the cookie, and nobody else
   */
  public record SignIn(
      String id,
      String csrfToken,
      String name,
      Role role,
      ProjectPatterns projects,
      Instant expiresAt) {}

  /** What came of trying to sign in: a session, or why there is none. */
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

  /** Begins a session with a token. It ends with the token, or after twelve hours. */
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

  /** Ends the session that a request shows, if it shows one. */
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

  /** Deletes those that are over, some at a time. */
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
