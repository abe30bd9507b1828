package dev.rowmill.security;

import io.quarkus.security.identity.request.BaseAuthenticationRequest;
import java.nio.ByteBuffer;

/**
 * Holds the hash of a token or session id that a request presents; does not store the secret
 * itself. Immutable.
 */
final class Credential extends BaseAuthenticationRequest {

  /** Identifies the identity's attribute that holds the credential. */
  static final String ATTRIBUTE = "rowmill.credential";

  /** Distinguishes tokens from session ids. */
  enum Kind {
    TOKEN,
    SESSION
  }

  /** Identifies a credential. */
  record Key(Kind kind, ByteBuffer hash) {}

  private final Kind kind;
  private final byte[] hash;

  private Credential(Kind kind, String secret) {
    this.kind = kind;
    this.hash = TokenSecrets.hash(secret);
  }

  static Credential token(String token) {
    return new Credential(Kind.TOKEN, token);
  }

  static Credential session(String id) {
    return new Credential(Kind.SESSION, id);
  }

  Kind kind() {
    return kind;
  }

  byte[] hash() {
    return hash.clone();
  }

  Key key() {
    return new Key(kind, ByteBuffer.wrap(hash));
  }
}
