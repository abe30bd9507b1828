package dev.rowmill.webhook;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One configured address. Immutable. Its path and its account may be secret, so that neither is
 * stored or shown.
 *
 * @param key what it is called in the table: the beginning of its hash
 * @param uri without an account
 * @param authorization the account, as a header
 */
record WebhookTarget(String key, URI uri, @Nullable String authorization) {

  private static final Set<String> SCHEMES = Set.of("http", "https");
  private static final int KEY_LENGTH = 32;

  /**
   * @throws IllegalArgumentException with a message that doesn't hold the address
   */
  static WebhookTarget of(String url) {
    URI uri;
    String user;
    try {
      uri = new URI(url);
      user = uri.getRawUserInfo();
      if (user != null) {
        uri = new URI(url.replaceFirst("//[^/?#]*@", "//"));
      }
    } catch (URISyntaxException e) {
      // Its own message holds the address.
      throw new IllegalArgumentException("no URL");
    }
    if (uri.getScheme() == null || !SCHEMES.contains(uri.getScheme()) || uri.getHost() == null) {
      throw new IllegalArgumentException("no URL of http or https with a host");
    }
    return new WebhookTarget(hash(url), uri, user == null ? null : basic(user));
  }

  private static String basic(String user) {
    byte[] account =
        URLDecoder.decode(user.replace("+", "%2B"), StandardCharsets.UTF_8)
            .getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(account);
  }

  private static String hash(String url) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(url.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash).substring(0, KEY_LENGTH);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Scheme, host and port. */
  @Override
  public String toString() {
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    return uri.getScheme() + "://" + uri.getHost() + port;
  }
}
