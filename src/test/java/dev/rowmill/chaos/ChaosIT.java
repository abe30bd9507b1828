package dev.rowmill.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Two minutes of it; {@link ChaosRun} is the long one. */
class ChaosIT {

  @Test
  void everything_is_exact_whatever_fails() throws Exception {
    assertEquals(List.of(), new Chaos(ChaosSettings.shortRun()).run());
  }
}
