package dev.rowmill.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Lets everything fail for half a minute; {@link ChaosRun} does so for long. */
class ChaosIT {

  @Test
  void everything_is_exact_whatever_fails() throws Exception {
    assertEquals(
        0, new Chaos(ChaosSettings.shortRun()).run().size(), "violations, see " + Chaos.FOLDER);
  }
}
