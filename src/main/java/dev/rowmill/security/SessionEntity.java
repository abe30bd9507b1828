package dev.rowmill.security;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import java.time.Instant;

/** Maps the row of a session. */
@Entity
@Table(name = "sign_in")
@SuppressWarnings("NullAway.Init") // Hibernate sets the fields.
class SessionEntity {

  @Id byte[] idHash;

  @ManyToOne
  @JoinColumn(name = "token")
  TokenEntity token;

  Instant createdAt;
  Instant expiresAt;
}
