package dev.rowmill.progress;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import java.util.Map;

/**
 * A {@link Timeline} as the database has it, in JSON.
 *
 * @param start milliseconds since the epoch
 * @param before rows that were done by then
 */
@RegisterForReflection
record StoredTimeline(long start, long before, long stepMillis, List<Step> steps) {

  /**
   * One step. There are many: the names are short, and what is nothing is left out.
   *
   * @param r rows
   * @param m rows that were missed: done by then, nobody knows when
   * @param c chunks
   * @param t nanoseconds of all chunks
   * @param e chunks tried again
   * @param w nanoseconds of waits by reason
   */
  @RegisterForReflection
  @JsonInclude(JsonInclude.Include.NON_DEFAULT)
  record Step(long r, long m, long c, long t, long e, Map<String, Long> w) {

    Step {
      w = w == null ? Map.of() : w;
    }
  }
}
