package dev.rowmill.engine;

import dev.rowmill.batch.BatchView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jboss.logging.MDC;

/**
 * Adds the batch, project, lane and trace of a run to each line that its threads log. Each thread
 * has its own values.
 */
public final class LogContext {

  private static final String BATCH = "batch";
  private static final String PROJECT = "project";
  private static final String LANE = "lane";
  private static final String TRACE = "traceId";
  private static final String SPAN = "spanId";
  private static final List<String> ALL = List.of(BATCH, PROJECT, LANE, TRACE, SPAN);

  private LogContext() {}

  /** Returns a task that logs with a batch's names. */
  public static Runnable of(BatchView batch, Runnable work) {
    return with(Map.of(BATCH, batch.id(), PROJECT, batch.project()), work);
  }

  /** Adds a trace to the calling thread until the end of its current task. */
  public static void trace(String traceId, String spanId) {
    MDC.put(TRACE, traceId);
    MDC.put(SPAN, spanId);
  }

  /** Adds the current lane to the calling thread until the end of its current task. */
  static void lane(int lane) {
    MDC.put(LANE, lane);
  }

  /** Returns an executor whose tasks log with the names of the submitting thread. */
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
