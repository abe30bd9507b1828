package dev.rowmill.security;

import dev.rowmill.database.Digests;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * Generates and hashes tokens and session ids. Each holds 256 random bits, so a plain SHA-256
 * suffices. Slow hashes protect passwords that people choose; 2^256 values can't be searched at any
 * speed. Thread-safe.
 */
final class TokenSecrets {

  private static final String PREFIX = "rwm_";
  private static final int BYTES = 32;
  private static final Pattern RANDOM_PART = Pattern.compile("[A-Za-z0-9_-]{43}");
  private static final SecureRandom RANDOM = new SecureRandom();

  private TokenSecrets() {}

  /** Returns a new token: {@code rwm_} and 43 characters of base64url. */
  static String token() {
    return PREFIX + random();
  }

  /** Returns a new session id: 43 characters of base64url. */
  static String session() {
    return random();
  }

  private static String random() {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return base64(bytes);
  }

  /**
   * Checks whether a string has the form of a token. Malformed tokens are rejected without a query.
   */
  static boolean isToken(String text) {
    return text.startsWith(PREFIX) && isSession(text.substring(PREFIX.length()));
  }

  /** Checks whether a string has the form of a session id. */
  static boolean isSession(String text) {
    return RANDOM_PART.matcher(text).matches();
  }

  /** Returns the hash of a token or session id that is stored: 32 bytes. */
  static byte[] hash(String secret) {
    return Digests.sha256(secret);
  }

  /**
   * Returns the CSRF token of a session. It is derived from the session id, which no page can read,
   * and so need not be stored.
   */
  static String csrfToken(String session) {
    return base64(hash("csrf " + session));
  }

  /** Compares two strings in a time that does not depend on where they differ. */
  static boolean equal(String one, String other) {
    return MessageDigest.isEqual(
        one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
