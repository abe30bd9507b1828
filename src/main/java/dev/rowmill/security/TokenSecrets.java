package dev.rowmill.security;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * Makes tokens and the ids of sessions, and what is kept of them. Each holds 256 random bits, so a
 * plain SHA-256 is enough: slow hashes protect words that people think of, and nobody can try
 * through 2^256 values however fast each is. Safe for many threads.
 */
final class TokenSecrets {

  private static final String PREFIX = "rwm_";
  private static final int BYTES = 32;
  private static final Pattern RANDOM_PART = Pattern.compile("[A-Za-z0-9_-]{43}");
  private static final SecureRandom RANDOM = new SecureRandom();

  private TokenSecrets() {}

  /** A new token: {@code rwm_} and 43 characters of base64url. */
  static String token() {
    return PREFIX + random();
  }

  /** A new id of a session: 43 characters of base64url. */
  static String session() {
    return random();
  }

  private static String random() {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return base64(bytes);
  }

  /** Whether a text has the form of a token. What has not is not even looked up. */
  static boolean isToken(String text) {
    return text.startsWith(PREFIX) && isSession(text.substring(PREFIX.length()));
  }

  /** Whether a text has the form of a session's id. */
  static boolean isSession(String text) {
    return RANDOM_PART.matcher(text).matches();
  }

  /** What is kept of a token or a session's id: 32 bytes. */
  static byte[] hash(String secret) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  /**
   * What a page must send along to change something. It follows from the session's id, which no
   * page can read, and so need not be kept.
   */
  static String csrfToken(String session) {
    return base64(hash("csrf " + session));
  }

  /** Whether two texts are equal, in a time that does not tell how much of them is. */
  static boolean equal(String one, String other) {
    return MessageDigest.isEqual(
        one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
