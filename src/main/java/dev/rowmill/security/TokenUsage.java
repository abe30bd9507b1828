package dev.rowmill.security;

import dev.rowmill.database.ControlTransactions;
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

  private final ControlTransactions transactions;
  private final TokenRepository tokens;
  private final Clock clock;
  private final Map<Long, Instant> unnoted = new ConcurrentHashMap<>();
  private final Map<Long, Instant> noted = new ConcurrentHashMap<>();

  TokenUsage(ControlTransactions transactions, TokenRepository tokens, Clock clock) {
    this.transactions = transactions;
    this.tokens = tokens;
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
        transactions.call(
            () ->
                tokens.update(
                    "token.lastUsedAt = ?1 where id = ?2"
                        + " and (token.lastUsedAt is null or token.lastUsedAt < ?1)",
                    use.getValue(),
                    use.getKey()));
        noted.put(use.getKey(), clock.instant());
        uses.remove();
      }
    }
  }
}
