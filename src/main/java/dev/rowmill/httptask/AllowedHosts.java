package dev.rowmill.httptask;

import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Decides which addresses HTTP tasks may call. Immutable. */
@ApplicationScoped
public class AllowedHosts {

  private static final Set<String> SCHEMES = Set.of("http", "https");
  private static final String BELOW = "*.";

  private final List<String> hosts;

  AllowedHosts(HttpTaskConfig config) {
    hosts =
        config.hosts().orElse(List.of()).stream()
            .map(host -> host.strip().toLowerCase(Locale.ROOT))
            .filter(host -> !host.isEmpty())
            .toList();
  }

  /** Returns why a URL may not be called; empty if it may. The code names a text. */
  public Optional<String> problem(String url) {
    URI uri = parse(url);
    if (uri == null
        || uri.getScheme() == null
        || !SCHEMES.contains(uri.getScheme())
        || uri.getHost() == null) {
      return Optional.of("task-url");
    }
    if (uri.getRawUserInfo() != null || uri.getRawFragment() != null) {
      return Optional.of("task-url-parts");
    }
    if (hosts.isEmpty()) {
      return Optional.of("task-hosts-unset");
    }
    return listed(uri) ? Optional.empty() : Optional.of("task-host");
  }

  private static @Nullable URI parse(String url) {
    try {
      return new URI(url);
    } catch (URISyntaxException e) {
      return null;
    }
  }

  /** Returns the port of a URL. */
  static int port(URI uri) {
    return uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equals("https") ? 443 : 80;
  }

  private boolean listed(URI uri) {
    return isExplicit(uri)
        || hosts.stream()
            .filter(host -> host.startsWith(BELOW))
            .map(host -> host.substring(1))
            .anyMatch(
                end -> name(uri).endsWith(end) || (name(uri) + ":" + port(uri)).endsWith(end));
  }

  private boolean isExplicit(URI uri) {
    return hosts.contains(name(uri)) || hosts.contains(name(uri) + ":" + port(uri));
  }

  private static String name(URI uri) {
    return uri.getHost().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the first address of a host that may be called.
   *
   * @param addresses all addresses of the host of the URL
   * @throws SecurityException when none may be called, with the reason
   */
  InetAddress allowed(URI uri, InetAddress[] addresses) {
    if (problem(uri.toString()).isPresent()) {
      throw new SecurityException("rowmill.tasks.hosts does not list " + uri.getHost());
    }
    for (InetAddress address : addresses) {
      if (isExplicit(uri) || !InternalAddresses.contains(address)) {
        return address;
      }
    }
    throw new SecurityException(
        uri.getHost()
            + " has only private addresses, which rowmill.tasks.hosts allows for hosts that it"
            + " lists without a wildcard");
  }
}
