package dev.rowmill.httptask;

import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
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
            .anyMatch(host -> name(uri).endsWith(host.substring(1)));
  }

  private boolean isExplicit(URI uri) {
    return hosts.contains(name(uri)) || hosts.contains(name(uri) + ":" + port(uri));
  }

  private static String name(URI uri) {
    return uri.getHost().toLowerCase(Locale.ROOT);
  }

  /**
   * Resolves the host of a URL. Blocks.
   *
   * @return an address that may be called
   * @throws UnknownHostException when the host has no address
   * @throws SecurityException when it may not be called, with the reason
   */
  InetAddress resolve(URI uri) throws UnknownHostException {
    if (problem(uri.toString()).isPresent()) {
      throw new SecurityException("rowmill.tasks.hosts does not list " + uri.getHost());
    }
    InetAddress[] all = InetAddress.getAllByName(uri.getHost());
    for (InetAddress address : all) {
      if (isExplicit(uri) || !isInternal(address)) {
        return address;
      }
    }
    throw new SecurityException(
        uri.getHost()
            + " has only private addresses, which rowmill.tasks.hosts allows for hosts that it"
            + " lists without a wildcard");
  }

  /** Returns whether an address is not one of a host on the internet. */
  static boolean isInternal(InetAddress address) {
    byte[] bytes = address.getAddress();
    boolean uniqueLocal = bytes.length == 16 && (bytes[0] & 0xfe) == 0xfc;
    boolean shared = bytes.length == 4 && bytes[0] == 100 && (bytes[1] & 0xc0) == 64;
    boolean none = bytes.length == 4 && (bytes[0] == 0 || (bytes[0] & 0xf0) == 0xf0);
    return address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()
        || uniqueLocal
        || shared
        || none;
  }
}
