package dev.rowmill.httptask;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/** Knows the addresses that are not of hosts on the internet. Stateless. */
final class InternalAddresses {

  /** Lists ranges that {@link InetAddress} has no method for. */
  private static final List<Range> RANGES =
      List.of(
          Range.of("0.0.0.0", 8),
          Range.of("100.64.0.0", 10), // shared by the customers of a provider
          Range.of("192.0.0.0", 24),
          Range.of("198.18.0.0", 15), // benchmarks
          Range.of("240.0.0.0", 4),
          Range.of("fc00::", 7), // unique local
          Range.of("64:ff9b:1::", 48), // NAT64 of the own network
          Range.of("2001::", 32)); // Teredo, which has its IPv4 address in disguise

  /** Lists ranges of IPv6 whose addresses have an IPv4 address inside. */
  private static final List<Range> WITH_IPV4 =
      List.of(
          Range.of("::", 96), Range.of("64:ff9b::", 96), Range.of("2002::", 16), Range.ofMapped());

  private static final int IPV4_BYTES = 4;

  /**
   * Represents the addresses with the same first bits.
   *
   * @param bits number of these bits
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Range(byte[] first, int bits) {

    static Range of(String address, int bits) {
      try {
        return new Range(InetAddress.getByName(address).getAddress(), bits);
      } catch (UnknownHostException e) {
        throw new IllegalArgumentException(address, e);
      }
    }

    /** Returns ::ffff:0:0/96, which {@link InetAddress} reads as IPv4. */
    static Range ofMapped() {
      byte[] first = new byte[16];
      first[10] = -1;
      first[11] = -1;
      return new Range(first, 96);
    }

    boolean contains(byte[] address) {
      if (address.length != first.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> bit % 8;
        if ((address[bit / 8] & mask) != (first[bit / 8] & mask)) {
          return false;
        }
      }
      return true;
    }

    /** Returns the IPv4 address behind the first bits; 6to4 has it there, too. */
    InetAddress ipv4(byte[] address) {
      try {
        return InetAddress.getByAddress(
            Arrays.copyOfRange(address, bits / 8, bits / 8 + IPV4_BYTES));
      } catch (UnknownHostException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private InternalAddresses() {}

  static boolean contains(InetAddress address) {
    byte[] bytes = address.getAddress();
    return address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()
        || RANGES.stream().anyMatch(range -> range.contains(bytes))
        || WITH_IPV4.stream()
            .anyMatch(range -> range.contains(bytes) && contains(range.ipv4(bytes)));
  }
}
