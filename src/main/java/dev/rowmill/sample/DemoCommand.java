package dev.rowmill.sample;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;

/** Shows a bulk change from its start to its end, in a terminal. */
public final class DemoCommand implements QuarkusApplication {

  @Override
  public int run(String... args) {
    Quarkus.waitForExit();
    return 0;
  }
}
