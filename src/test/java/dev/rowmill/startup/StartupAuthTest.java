package dev.rowmill.startup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.security.AuthMode;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StartupAuthTest {

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, true, OPEN",
    "localhost, true, OPEN",
    "::1, true, OPEN",
    "127.0.0.1, false, TOKEN",
    "0.0.0.0, true, TOKEN",
    "0.0.0.0, false, TOKEN",
    "no.such.host.invalid, true, TOKEN"
  })
  void open_mode_requires_an_embedded_database_and_a_loopback_address(
      String host, boolean embedded, AuthMode mode) {
    assertEquals(mode, StartupAuth.mode(Optional.empty(), host, embedded));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.1", "no.such.host.invalid", ""})
  void open_mode_can_not_be_offered_to_other_hosts(String host) {
    var refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> StartupAuth.mode(Optional.of("open"), host, true));
    assertTrue(refused.getMessage().contains("loopback"), refused.getMessage());
    assertEquals(AuthMode.TOKEN, StartupAuth.mode(Optional.of("token"), host, true));
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "OPEN", "true", " open"})
  void an_unknown_mode_is_rejected(String text) {
    var refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> StartupAuth.mode(Optional.of(text), "127.0.0.1", true));
    assertTrue(refused.getMessage().contains("token or open"), refused.getMessage());
  }
}
