package dev.rowmill.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The long run, by {@code ./mvnw -Pchaos verify}; see docs/chaos.md. */
class ChaosRun {

  @Test
  void everything_is_exact_whatever_fails() throws Exception {
    assertEquals(List.of(), new Chaos(ChaosSettings.longRun()).run());
  }
}
