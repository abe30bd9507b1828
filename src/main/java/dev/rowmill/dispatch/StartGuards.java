package dev.rowmill.dispatch;

import dev.rowmill.task.Refusal;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;

/** Refuses starts that may change more than was meant. Safe for many threads. */
@ApplicationScoped
class StartGuards {

  private final GuardConfig config;

  StartGuards(GuardConfig config) {
    this.config = config;
  }

  /**
   * Looks at what the request says; asks no database.
   *
   * @throws Refusal {@code whole-table} when it is about all rows of a table and doesn't say so
   */
  void look(BoundTask<?> task, StartRequest request) {
    if (config.requireWhere() && !request.wholeTable() && task.isOfWholeTable()) {
      throw new Refusal("whole-table", Map.of());
    }
  }
}
