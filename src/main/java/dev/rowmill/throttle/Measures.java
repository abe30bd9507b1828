package dev.rowmill.throttle;

import java.util.List;

/**
 * All that the sampler reads. Thread-safe.
 *
 * @param threads statements that run on the main server
 * @param history length of its history list
 * @param locks whether lock waits can be read; who waited how long is in {@link HeldLocks}
 * @param replicas seconds that each replica is behind
 */
record Measures(Measure threads, Measure history, Measure locks, List<Measure> replicas) {}
