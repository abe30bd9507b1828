package dev.rowmill.security;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Records the time of each token's last use: immediately in memory, and in the token's row at most
 * once a minute, outside the requests. Thread-safe.
 */
@ApplicationScoped
class TokenUsage {

  private static final Duration BETWEEN_NOTES = Duration.ofMinutes(1);

  private final AuthDatabase database;
  private final Clock clock;
  private final Map<Long, Instant> unnoted = new ConcurrentHashMap<>();
  private final Map<Long, Instant> noted = new ConcurrentHashMap<>();

  TokenUsage(AuthDatabase database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  void used(long token) {
    unnoted.put(token, clock.instant());
  }

  /** Writes the times that are due. */
  void note() {
    Instant due = clock.instant().minus(BETWEEN_NOTES);
    noted.values().removeIf(at -> at.isBefore(due));
    for (Iterator<Map.Entry<Long, Instant>> uses = unnoted.entrySet().iterator();
        uses.hasNext(); ) {
      Map.Entry<Long, Instant> use = uses.next();
      if (!noted.containsKey(use.getKey())) {
        long token = use.getKey();
        Instant at = use.getValue();
        database.call(
            connection ->
                AuthDatabase.change(
                    connection,
                    "UPDATE access_token SET last_used_at = ? WHERE id = ?"
                        + " AND (last_used_at IS NULL OR last_used_at < ?)",
                    at,
                    token,
                    at));
        noted.put(token, clock.instant());
        uses.remove();
      }
    }
  }
}
