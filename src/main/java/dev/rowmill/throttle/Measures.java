package dev.rowmill.throttle;

import java.util.List;

/**
 * Holds the measures that the sampler reads. Thread-safe.
 *
 * @param threads number of statements that run on the main server, without the chunks of this node
 * @param history length of its history list
 * @param locks whether lock waits can be read; {@link HeldLocks} receives the waits
 * @param replicas lag of each replica in seconds
 */
record Measures(Measure threads, Measure history, Measure locks, List<Measure> replicas) {}
