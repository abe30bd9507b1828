package dev.rowmill.dispatch;

import dev.rowmill.batch.Bounds;
import dev.rowmill.batch.Window;
import dev.rowmill.task.Refusal;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Map;

/** Refuses starts that may change more than was meant. Safe for many threads. */
@ApplicationScoped
public class StartGuards {

  private final GuardConfig config;
  private final Bounds bounds;

  StartGuards(GuardConfig config) {
    this.config = config;
    this.bounds =
        new Bounds(
            config.maxRows().orElse(null),
            config.maxDuration().map(Duration::toMillis).orElse(null),
            config.window().map(Window::parse).orElse(null));
  }

  /** In what bounds batches stay that don't say so themselves. */
  public Bounds bounds() {
    return bounds;
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
