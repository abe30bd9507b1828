package dev.rowmill.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.rowmill.testing.HandClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LoginThrottleTest {

  private final HandClock clock = new HandClock(Instant.EPOCH);
  private final LoginThrottle attempts = new LoginThrottle(clock);

  @Test
  void five_within_a_second_are_too_many() {
    wrong(4);
    assertEquals(Duration.ZERO, attempts.refused("a"));
    wrong(1);
    assertEquals(Duration.ofSeconds(10), attempts.refused("a"));
    assertEquals(Duration.ZERO, attempts.refused("b"));
    clock.advance(Duration.ofMillis(9_999));
    assertEquals(Duration.ofMillis(1), attempts.refused("a"));
    clock.advance(Duration.ofMillis(1));
    assertEquals(Duration.ZERO, attempts.refused("a"));
  }

  @Test
  void four_per_second_are_accepted() {
    for (int second = 0; second < 20; second++) {
      wrong(4);
      clock.advance(Duration.ofMillis(1000));
    }
    assertEquals(Duration.ZERO, attempts.refused("a"));
  }

  @Test
  void the_memory_for_addresses_is_limited() {
    for (int i = 0; i < 3 * LoginThrottle.MAX_ADDRESSES; i++) {
      attempts.wrong("10.0." + i / 256 + "." + i % 256);
    }
    assertEquals(LoginThrottle.MAX_ADDRESSES, attempts.addresses());
  }

  @Test
  void an_ipv6_address_counts_by_its_network() {
    assertEquals(
        LoginThrottle.source("2001:db8::1"), LoginThrottle.source("2001:db8:0:0:9::7%eth0"));
    assertNotEquals(LoginThrottle.source("2001:db8::1"), LoginThrottle.source("2001:db8:0:1::1"));
    assertEquals("10.0.0.1", LoginThrottle.source("10.0.0.1"));
    assertEquals("10.0.0.1", LoginThrottle.source("::ffff:10.0.0.1"));
    assertEquals("unknown:x", LoginThrottle.source("unknown:x"));
  }

  private void wrong(int times) {
    for (int i = 0; i < times; i++) {
      attempts.wrong("a");
    }
  }
}
