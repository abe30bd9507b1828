package dev.rowmill.security;

import dev.rowmill.database.ControlTransactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the grant of a token or session. Caches each result for less than half a second. So
 * frequent callers don't cost a round trip per request, and all nodes reject a revoked token within
 * a second. Thread-safe.
 */
@ApplicationScoped
class Grants {

  private static final long BELIEVED_MILLIS = 450;

  /**
   * Limits the cached results. Invalid credentials are cached too, so a flood of them must not
   * exhaust memory.
   */
  private static final int MAX = 10_000;

  private record Known(Optional<Grant> grant, long untilMillis) {}

  private final ControlTransactions transactions;
  private final TokenRepository tokens;
  private final SessionRepository sessions;
  private final Clock clock;

  /** Caches the results, the least recently used first. Guarded by itself. */
  private final Map<Credential.Key, Known> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Credential.Key, Known> eldest) {
          return size() > MAX;
        }
      };

  Grants(
      ControlTransactions transactions,
      TokenRepository tokens,
      SessionRepository sessions,
      Clock clock) {
    this.transactions = transactions;
    this.tokens = tokens;
    this.sessions = sessions;
    this.clock = clock;
  }

  /**
   * Returns the cached grant without querying the database; null if nothing is cached. An empty
   * result means that the credential is known to be invalid.
   */
  @SuppressWarnings("NullableOptional") // three results: valid, invalid, not cached
  @Nullable Optional<Grant> known(Credential credential) {
    Instant now = clock.instant();
    synchronized (known) {
      Known found = known.get(credential.key());
      return found == null || found.untilMillis < now.toEpochMilli()
          ? null
          : found.grant.filter(grant -> !grant.isOver(now));
    }
  }

  /** Finds the grant of a credential; empty if it is unknown, revoked or expired. May block. */
  Optional<Grant> find(Credential credential) {
    Optional<Grant> found = known(credential);
    if (found != null) {
      return found;
    }
    Instant now = clock.instant();
    Optional<Grant> grant = read(credential, now);
    synchronized (known) {
      known.put(credential.key(), new Known(grant, now.toEpochMilli() + BELIEVED_MILLIS));
    }
    return grant;
  }

  /** Clears the cache after a token or session was revoked. */
  void forget() {
    synchronized (known) {
      known.clear();
    }
  }

  private Optional<Grant> read(Credential credential, Instant now) {
    byte[] hash = credential.hash();
    return transactions
        .query(
            () ->
                switch (credential.kind()) {
                  case TOKEN ->
                      tokens
                          .bySecretHash(hash)
                          .filter(row -> row.token.isLive(now))
                          .map(row -> Grant.of(row.token, row.token.expiresAt()));
                  case SESSION ->
                      sessions
                          .findByIdOptional(hash)
                          .filter(row -> row.token.token.isLive(now))
                          .map(row -> Grant.of(row.token.token, row.expiresAt));
                })
        .filter(grant -> !grant.isOver(now));
  }
}
