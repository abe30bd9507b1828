package dev.rowmill.security;

import jakarta.persistence.Column;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;

/** Maps the row of a token. */
@Entity
@Table(name = "access_token")
@SuppressWarnings("NullAway.Init") // Hibernate sets the fields.
class TokenEntity {

  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  @Nullable Long id;

  @Embedded AccessToken token;

  byte[] secretHash;

  /** Holds the name while the token is not revoked. The database generates it. */
  @Column(insertable = false, updatable = false)
  @Nullable String liveName;
}
