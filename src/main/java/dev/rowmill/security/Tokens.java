package dev.rowmill.security;

import dev.rowmill.batch.ProjectPatterns;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.DatabaseFailure;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Creates, lists and revokes tokens. Thread-safe. Throws a runtime exception with the SQL error
 * among its causes if the database is unreachable.
 */
@ApplicationScoped
public class Tokens {

  /**
   * Represents a token that was just created.
   *
   * @param secret the token itself, which can't be retrieved later
   */
  public record Made(AccessToken token, String secret) {}

  /** Represents the result of revoking a token. */
  public enum Revocation {
    /** Means that the token is now invalid; it may have been invalid before. */
    DONE,
    /** Means that no such token exists. */
    UNKNOWN,
    /** Means that the token is the last valid admin token, and so was not revoked. */
    LAST_ADMIN
  }

  private final ControlTransactions transactions;
  private final TokenRepository tokens;
  private final SessionRepository sessions;
  private final Grants grants;
  private final Clock clock;

  Tokens(
      ControlTransactions transactions,
      TokenRepository tokens,
      SessionRepository sessions,
      Grants grants,
      Clock clock) {
    this.transactions = transactions;
    this.tokens = tokens;
    this.sessions = sessions;
    this.grants = grants;
    this.clock = clock;
  }

  /**
   * Creates a token.
   *
   * @param name a name that no other live token has
   * @return empty if the name is taken
   */
  public Optional<Made> make(
      String name,
      Role role,
      ProjectPatterns projects,
      @Nullable String createdBy,
      @Nullable Instant expiresAt) {
    String secret = TokenSecrets.token();
    return make(secret, name, role, projects, createdBy, expiresAt, () -> {})
        .map(token -> new Made(token, secret));
  }

  /**
   * Creates a token with a given secret.
   *
   * @param beforeCommit runs before the commit; an exception from it rolls everything back
   * @return empty if the name is taken
   */
  Optional<AccessToken> make(
      String secret,
      String name,
      Role role,
      ProjectPatterns projects,
      @Nullable String createdBy,
      @Nullable Instant expiresAt,
      Runnable beforeCommit) {
    byte[] hash = TokenSecrets.hash(secret);
    try {
      return Optional.of(
          transactions.call(
              () -> {
                // An earlier attempt may have been committed without a response.
                TokenEntity row =
                    tokens
                        .bySecretHash(hash)
                        .orElseGet(() -> insert(hash, name, role, projects, createdBy, expiresAt));
                beforeCommit.run();
                return row.token;
              }));
    } catch (RuntimeException e) {
      if (DatabaseFailure.isDuplicateKey(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private TokenEntity insert(
      byte[] hash,
      String name,
      Role role,
      ProjectPatterns projects,
      @Nullable String createdBy,
      @Nullable Instant expiresAt) {
    Instant now = clock.instant();
    // An expired token releases its name.
    tokens.update(
        "token.revokedAt = token.expiresAt where liveName = ?1 and token.expiresAt <= ?2",
        name,
        now);
    var row = new TokenEntity();
    row.secretHash = hash;
    row.token = new AccessToken(0, name, role, projects, now, createdBy, expiresAt, null, null);
    tokens.persist(row);
    tokens.getEntityManager().refresh(row);
    return row;
  }

  /**
   * Returns tokens, the newest first, including revoked and expired ones.
   *
   * @param before only tokens with smaller ids; null for all
   * @param limit maximum number of tokens
   */
  public List<AccessToken> list(@Nullable Long before, int limit) {
    long below = before == null ? Long.MAX_VALUE : before;
    return transactions.query(
        () ->
            tokens.find("id < ?1 order by id desc", below).page(0, limit).stream()
                .map(row -> row.token)
                .toList());
  }

  /**
   * Revokes a token and ends the sessions created with it. This node rejects it at once, other
   * nodes within a second. The last valid admin token is never revoked, because new tokens could
   * then not be created.
   */
  public Revocation revoke(long id) {
    Instant now = clock.instant();
    Revocation done =
        transactions.call(
            () -> {
              // The lock prevents two admins from revoking each other's token at the same time.
              tokens.lockAdmins();
              List<Long> admins =
                  tokens.liveAdmins(now).stream().map(row -> row.token.id()).toList();
              if (admins.equals(List.of(id))) {
                return Revocation.LAST_ADMIN;
              }
              if (tokens.count("id", id) == 0) {
                return Revocation.UNKNOWN;
              }
              tokens.update(
                  "token.revokedAt = ?1 where id = ?2 and token.revokedAt is null", now, id);
              sessions.delete("token.id", id);
              return Revocation.DONE;
            });
    grants.forget();
    return done;
  }

  /** Returns whether a valid admin token exists. */
  boolean hasLiveAdmin() {
    return transactions.query(() -> tokens.liveAdmins(clock.instant()).count() > 0);
  }
}
