package dev.rowmill.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Runs all faults for half a minute; {@link ChaosRun} runs them for longer. */
class ChaosIT {

  @Test
  void everything_is_exact_whatever_fails() throws Exception {
    assertEquals(
        0, new Chaos(ChaosSettings.shortRun()).run().size(), "violations, see " + Chaos.FOLDER);
  }
}
