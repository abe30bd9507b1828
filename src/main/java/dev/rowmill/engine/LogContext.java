package dev.rowmill.engine;

import dev.rowmill.batch.BatchView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jboss.logging.MDC;

/**
 * The names that stand on each line that a run logs, on whichever thread: its batch and project,
 * the lane, and the trace where there is one. Each thread has its own.
 */
public final class LogContext {

  private static final String BATCH = "batch";
  private static final String PROJECT = "project";
  private static final String LANE = "lane";
  private static final String TRACE = "traceId";
  private static final String SPAN = "spanId";
  private static final List<String> ALL = List.of(BATCH, PROJECT, LANE, TRACE, SPAN);

  private LogContext() {}

  /** Work that logs with a batch's names. */
  public static Runnable of(BatchView batch, Runnable work) {
    return with(Map.of(BATCH, batch.id(), PROJECT, batch.project()), work);
  }

  /** Adds a trace, until the named work of the calling thread is over. */
  public static void trace(String traceId, String spanId) {
    MDC.put(TRACE, traceId);
    MDC.put(SPAN, spanId);
  }

  /** Adds the lane in hand, until the named work of the calling thread is over. */
  static void lane(int lane) {
    MDC.put(LANE, lane);
  }

  /** Lets work log with the names of the thread that hands it over. */
  static Executor carried(Executor threads) {
    return work -> threads.execute(with(now(), work));
  }

  private static Runnable with(Map<String, Object> names, Runnable work) {
    return () -> {
      Map<String, Object> before = now();
      set(names);
      try {
        work.run();
      } finally {
        set(before);
      }
    };
  }

  private static Map<String, Object> now() {
    Map<String, Object> names = new HashMap<>();
    for (String name : ALL) {
      Object value = MDC.get(name);
      if (value != null) {
        names.put(name, value);
      }
    }
    return names;
  }

  private static void set(Map<String, Object> names) {
    for (String name : ALL) {
      Object value = names.get(name);
      if (value == null) {
        MDC.remove(name);
      } else {
        MDC.put(name, value);
      }
    }
  }
}
