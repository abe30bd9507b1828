package dev.rowmill.security;

import io.quarkus.security.identity.request.BaseAuthenticationRequest;
import java.nio.ByteBuffer;

/** A token or a session's id as a request shows it, of which only the hash is held. Immutable. */
final class Credential extends BaseAuthenticationRequest {

  /** Under which the identity of a request holds it. */
  static final String ATTRIBUTE = "rowmill.credential";

  /** Which of the two it is. */
  enum Kind {
    TOKEN,
    SESSION
  }

  /** What tells it from all others. */
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
