package dev.rowmill.security;

import dev.rowmill.batch.ProjectPatterns;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.MessageDigest;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
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

  private static final String LIVE =
      " AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > ?)";
  private static final String TOKEN =
      "SELECT t.id, t.name, t.role, t.projects, t.expires_at, t.secret_hash"
          + " FROM access_token t WHERE t.secret_hash = ?"
          + LIVE;
  private static final String SESSION =
      "SELECT t.id, t.name, t.role, t.projects, s.expires_at, s.id_hash"
          + " FROM sign_in s JOIN access_token t ON t.id = s.token WHERE s.id_hash = ?"
          + LIVE
          + " AND s.expires_at > ?";

  private record Known(Optional<Grant> grant, long untilMillis) {}

  private final AuthDatabase database;
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

  Grants(AuthDatabase database, Clock clock) {
    this.database = database;
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
    boolean session = credential.kind() == Credential.Kind.SESSION;
    return database.call(
        connection -> {
          try (PreparedStatement find = connection.prepareStatement(session ? SESSION : TOKEN)) {
            if (session) {
              AuthDatabase.set(find, credential.hash(), now, now);
            } else {
              AuthDatabase.set(find, credential.hash(), now);
            }
            try (ResultSet row = find.executeQuery()) {
              return row.next() && MessageDigest.isEqual(row.getBytes(6), credential.hash())
                  ? Optional.of(
                      new Grant(
                          row.getLong(1),
                          row.getString(2),
                          Role.of(row.getString(3)).orElseThrow(),
                          new ProjectPatterns(List.of(row.getString(4).split("\n"))),
                          AuthDatabase.time(row.getString(5))))
                  : Optional.empty();
            }
          }
        });
  }
}
