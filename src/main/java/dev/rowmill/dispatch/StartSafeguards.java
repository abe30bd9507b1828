package dev.rowmill.dispatch;

import dev.rowmill.batch.Approval;
import dev.rowmill.batch.Bounds;
import dev.rowmill.batch.Window;
import dev.rowmill.dispatch.task.BoundTask;
import dev.rowmill.task.Plan;
import dev.rowmill.task.Refusal;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Refuses starts that may change more than was meant. Safe for many threads. */
@ApplicationScoped
public class StartSafeguards {

  private static final Logger LOG = Logger.getLogger(StartSafeguards.class);

  private final SafeguardConfig config;
  private final AtomicBoolean warned = new AtomicBoolean();
  private final ApprovalConfig approval;
  private final Bounds bounds;

  StartSafeguards(SafeguardConfig config, ApprovalConfig approval) {
    this.config = config;
    this.approval = approval;
    this.bounds =
        new Bounds(
            config.maxRows().orElse(null),
            config.maxDuration().map(Duration::toMillis).orElse(null),
            config.window().map(Window::parse).orElse(null));
  }

  /** Fails where a setting says nothing that can be understood. */
  void start(@Observes StartupEvent event) {
    LOG.debugf("Batches are held to %s", bounds);
  }

  /** In what bounds batches stay that don't say so themselves. */
  public Bounds bounds() {
    return bounds;
  }

  /**
   * Looks at what the request says; asks no database.
   *
   * @throws Refusal {@code whole-table} when it is about all rows of a table and doesn't say so,
   *     {@code unsupported-statement} when it passes over rows that fail and doesn't say so
   */
  void look(BoundTask<?> task, StartRequest request) {
    if (config.requireWhere() && !request.confirmed().wholeTable() && task.isOfWholeTable()) {
      throw new Refusal("whole-table", Map.of());
    }
    if (!request.confirmed().ignore() && task.passesOverErrors()) {
      throw new Refusal("unsupported-statement", Map.of(), List.of(Refusal.Reason.of("ignore")));
    }
  }

  /**
   * Counts the rows that a start is about, above which it is only of interest that there are more.
   */
  @FunctionalInterface
  interface Counting {
    Optional<Plan.Count> upTo(long most);
  }

  /**
   * Looks at how many rows a start is about; where nothing depends on it they are not counted.
   *
   * @return the approval that it needs; null for none
   * @throws Refusal {@code too-many-rows} when they are more than there may be
   */
  @Nullable Approval look(StartRequest request, Counting counting) {
    Long most = request.terms().bounds().maxRows();
    Long free = approval.rows().orElse(null);
    if (most == null && free == null) {
      return null;
    }
    Optional<Plan.Count> planned =
        counting.upTo(Math.max(most == null ? 0 : most, free == null ? 0 : free));
    if (planned.isEmpty()) {
      return null;
    }
    long rows = planned.get().rows();
    boolean exact = planned.get().exact();
    if (most != null && rows > most) {
      throw new Refusal("too-many-rows", Map.of("planned", rows, "maxRows", most, "exact", exact));
    }
    if (free == null || rows <= free) {
      return null;
    }
    if (request.terms().submittedBy() == null && !warned.getAndSet(true)) {
      LOG.warn(
          "Batches of more than "
              + free
              + " rows want an approval, but callers are not told apart: whoever asks for one can"
              + " approve it");
    }
    return new Approval(rows, exact, null, null);
  }
}
