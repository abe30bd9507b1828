package dev.rowmill.faults;

import java.util.Random;

/** Randomness that can be had again: {@code testing.seed} is the number that a run has printed. */
final class Seed {

  private Seed() {}

  static Random random(String test) {
    long seed = Long.getLong("testing.seed", System.nanoTime());
    System.out.printf("%s: -Dtesting.seed=%d%n", test, seed);
    return new Random(seed);
  }
}
