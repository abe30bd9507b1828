package dev.rowmill.security;

import dev.rowmill.batch.ProjectPatterns;
import dev.rowmill.database.ControlTransactions;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
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

  private final ControlTransactions transactions;
  private final SessionRepository sessions;
  private final Grants grants;
  private final LoginThrottle attempts;
  private final TokenUsage lastUses;
  private final Clock clock;

  Sessions(
      ControlTransactions transactions,
      SessionRepository sessions,
      Grants grants,
      LoginThrottle attempts,
      TokenUsage lastUses,
      Clock clock) {
    this.transactions = transactions;
    this.sessions = sessions;
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
    var row = new SessionEntity();
    row.idHash = TokenSecrets.hash(id);
    row.createdAt = now;
    row.expiresAt = expires;
    transactions.run(
        () -> {
          EntityManager entities = sessions.getEntityManager();
          row.token = entities.getReference(TokenEntity.class, grant.token());
          // Unlike an insert, it may follow a commit whose response was lost.
          entities.merge(row);
        });
    return new SignIn(
        id, TokenSecrets.csrfToken(id), grant.name(), grant.role(), grant.projects(), expires);
  }

  /** Ends the session of a request, if there is one. */
  public void end(HttpServerRequest request) {
    SessionCookie.of(request)
        .ifPresent(
            id -> {
              transactions.call(() -> sessions.delete("idHash", TokenSecrets.hash(id)));
              grants.forget();
            });
  }

  /** Deletes the expired sessions. */
  void purge() {
    transactions.call(() -> sessions.delete("expiresAt < ?1", clock.instant()));
  }
}
