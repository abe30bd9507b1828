package dev.rowmill.faults;

import java.util.Random;

/**
 * Creates reproducible randomness: {@code testing.seed} accepts the number that a run has printed.
 */
final class Seed {

  private Seed() {}

  static Random random(String test) {
    long seed = Long.getLong("testing.seed", System.nanoTime());
    System.out.printf("%s: -Dtesting.seed=%d%n", test, seed);
    return new Random(seed);
  }
}
