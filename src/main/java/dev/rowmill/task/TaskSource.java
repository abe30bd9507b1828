package dev.rowmill.task;

import java.util.List;
import java.util.Optional;

/**
 * Finds tasks that are no CDI beans, because callers define them. Implementations are safe for many
 * threads.
 */
public interface TaskSource {

  /** Returns the task of a name; empty where there is none. */
  Optional<BatchTask<?>> find(String name);

  /** Returns the names of all tasks, in their order. */
  List<String> names();
}
