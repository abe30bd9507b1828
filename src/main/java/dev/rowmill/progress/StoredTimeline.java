package dev.rowmill.progress;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import java.util.Map;

/**
 * Represents a {@link Timeline} in the database, as JSON.
 *
 * @param start milliseconds since the epoch
 * @param before rows that were done before the start
 */
@RegisterForReflection
record StoredTimeline(long start, long before, long stepMillis, List<Step> steps) {

  /**
   * Represents one step. There are many, so names are short, and zero and empty members are
   * omitted.
   *
   * @param r rows
   * @param m missed rows, which were done at an unknown earlier time
   * @param c chunks
   * @param t nanoseconds of all chunks
   * @param e retried chunks
   * @param l lanes at the end of the step
   * @param x changes of the number of lanes by reason
   * @param w nanoseconds of waits by reason
   */
  @RegisterForReflection
  @JsonInclude(JsonInclude.Include.NON_DEFAULT)
  record Step(
      long r, long m, long c, long t, long e, int l, Map<String, Long> x, Map<String, Long> w) {

    Step {
      x = x == null ? Map.of() : x;
      w = w == null ? Map.of() : w;
    }
  }
}
