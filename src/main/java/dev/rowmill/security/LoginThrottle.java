package dev.rowmill.security;

import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jboss.logging.Logger;

/**
 * Counts wrong tokens by address. After too many within a second, it rejects every token from that
 * address for ten seconds, even a valid one, to slow down guessing. Thread-safe.
 */
@ApplicationScoped
class LoginThrottle {

  private static final Logger LOG = Logger.getLogger(LoginThrottle.class);

  private static final int MAX_PER_SECOND = 5;
  private static final long SECOND_MILLIS = 1000;
  private static final long WHILE_MILLIS = 10_000;

  /**
   * Limits the number of addresses counted. Beyond it, the least recently used address is dropped.
   */
  static final int MAX_ADDRESSES = 4096;

  private static final class Count {
    long sinceMillis;
    int wrong;
    long refusedUntilMillis;
  }

  private final Clock clock;

  /** Holds the counts by address or network. Guarded by itself. */
  private final Map<String, Count> counts =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Count> eldest) {
          return size() > MAX_ADDRESSES;
        }
      };

  LoginThrottle(Clock clock) {
    this.clock = clock;
  }

  /** Returns how much longer an address is rejected; zero if it is not. */
  Duration refused(String address) {
    synchronized (counts) {
      Count count = counts.get(source(address));
      return count == null
          ? Duration.ZERO
          : Duration.ofMillis(Math.max(0, count.refusedUntilMillis - clock.millis()));
    }
  }

  /** Counts a wrong token from an address. */
  void wrong(String address) {
    long now = clock.millis();
    synchronized (counts) {
      Count count = counts.computeIfAbsent(source(address), source -> new Count());
      if (now - count.sinceMillis >= SECOND_MILLIS) {
        count.sinceMillis = now;
        count.wrong = 0;
      }
      count.wrong++;
      if (count.wrong == MAX_PER_SECOND) {
        count.refusedUntilMillis = now + WHILE_MILLIS;
        LOG.warnf(
            "%d invalid tokens within a second from %s, which is rejected for %d seconds",
            MAX_PER_SECOND, address, WHILE_MILLIS / 1000);
      }
    }
  }

  int addresses() {
    synchronized (counts) {
      return counts.size();
    }
  }

  /**
   * Returns the key to count an address by. For IPv6 this is the /64 network, because one client
   * may use all 2^64 addresses of its network.
   */
  static String source(String address) {
    if (!address.contains(":")) {
      return address;
    }
    try {
      // No DNS query happens: a string with a colon is never parsed as a host name.
      byte[] bytes = InetAddress.getByName(address.replaceFirst("%.*", "")).getAddress();
      return bytes.length == 16
          ? HexFormat.of().formatHex(Arrays.copyOf(bytes, 8))
          : InetAddress.getByAddress(bytes).getHostAddress();
    } catch (UnknownHostException e) {
      return address;
    }
  }
}
