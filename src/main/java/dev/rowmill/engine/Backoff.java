package dev.rowmill.engine;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Computes a capped exponential backoff with "equal jitter": half of the pause is fixed, half is
 * random. So runs that failed at the same time do not retry at the same time.
 *
 * @see <a
 *     href="https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/">Exponential
 *     Backoff and Jitter, AWS Architecture Blog</a>
 */
record Backoff(Duration initial, Duration cap) {

  private static final int MAX_DOUBLINGS = 30;

  /**
   * Returns the pause after a number of consecutive failures.
   *
   * @param failures 1 or more
   */
  Duration pause(int failures, RandomGenerator random) {
    long full =
        Math.min(
            cap.toMillis(),
            initial.toMillis() << Math.min(Math.max(failures - 1, 0), MAX_DOUBLINGS));
    long half = full / 2;
    return Duration.ofMillis(full - half + random.nextLong(half + 1));
  }
}
