package dev.rowmill.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Starts the long run, by {@code ./mvnw -Pchaos verify}; see docs/chaos.md. */
class ChaosRun {

  @Test
  void everything_is_exact_whatever_fails() throws Exception {
    assertEquals(
        0, new Chaos(ChaosSettings.longRun()).run().size(), "violations, see " + Chaos.FOLDER);
  }
}
