package dev.rowmill.security;

import io.quarkus.hibernate.orm.panache.PanacheQuery;
import io.quarkus.hibernate.orm.panache.PanacheRepository;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Optional;

/** Finds tokens, in the work of a {@link dev.rowmill.database.ControlTransactions}. */
@ApplicationScoped
class TokenRepository implements PanacheRepository<TokenEntity> {

  Optional<TokenEntity> bySecretHash(byte[] hash) {
    return find("secretHash", hash).firstResultOptional();
  }

  /** Locks the admin tokens until the end of the transaction. */
  void lockAdmins() {
    // Hibernate's own lock is FOR UPDATE OF, which MariaDB rejects.
    getEntityManager()
        .createNativeQuery("SELECT id FROM access_token WHERE role = 'admin' FOR UPDATE")
        .getResultList();
  }

  /** Returns the query for the valid admin tokens, ordered by id. */
  PanacheQuery<TokenEntity> liveAdmins(Instant now) {
    return find(
        "token.role = ?1 and token.revokedAt is null"
            + " and (token.expiresAt is null or token.expiresAt > ?2) order by id",
        Role.ADMIN,
        now);
  }
}
