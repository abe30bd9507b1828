package dev.rowmill.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class SecretsTest {

  private static final String TOKEN = "rwm_" + "a1B2c3D4_-".repeat(4) + "xyz";

  @Test
  void secrets_are_recognised_by_their_form() {
    assertEquals(Optional.of("rwm_a1B2c"), Secrets.find("line one\n\"token\": \"" + TOKEN + "\""));
    assertEquals(Optional.of("hush-of-a"), Secrets.find("password=hush-of-all"));
    assertEquals(Optional.empty(), Secrets.find("rwm_ is how tokens begin; hush- how secrets do"));
  }

  @Test
  void a_leak_is_reported_without_the_secret() {
    AssertionError error =
        assertThrows(AssertionError.class, () -> Secrets.assertNone("the log", "x " + TOKEN));
    assertEquals(Optional.empty(), Secrets.find(String.valueOf(error.getMessage())));
  }
}
