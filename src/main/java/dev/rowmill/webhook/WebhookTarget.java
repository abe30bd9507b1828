package dev.rowmill.webhook;

import dev.rowmill.database.Digests;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Represents a configured target. Immutable. Its path and credentials may be secret, and so are
 * neither stored nor shown.
 *
 * @param key identifies the target in the table: the beginning of the URL's hash
 * @param uri URL without credentials
 * @param authorization credentials of the URL as a header value; null if it has none
 */
record WebhookTarget(String key, URI uri, @Nullable String authorization) {

  private static final Set<String> SCHEMES = Set.of("http", "https");
  private static final int KEY_LENGTH = 32;

  /**
   * Parses a URL.
   *
   * @throws IllegalArgumentException with a message that does not contain the URL
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
      // The message of the exception contains the URL.
      throw new IllegalArgumentException("not a URL");
    }
    if (uri.getScheme() == null || !SCHEMES.contains(uri.getScheme()) || uri.getHost() == null) {
      throw new IllegalArgumentException("not an http or https URL with a host");
    }
    return new WebhookTarget(
        Digests.sha256Hex(url).substring(0, KEY_LENGTH), uri, user == null ? null : basic(user));
  }

  private static String basic(String user) {
    byte[] account =
        URLDecoder.decode(user.replace("+", "%2B"), StandardCharsets.UTF_8)
            .getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(account);
  }

  /** Returns scheme, host and port only. */
  @Override
  public String toString() {
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    return uri.getScheme() + "://" + uri.getHost() + port;
  }
}
