package dev.rowmill.dispatch;

import dev.rowmill.batch.Approval;
import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.Bounds;
import dev.rowmill.batch.UsualRows;
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
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Rejects starts that may change more than intended. Safe for many threads. */
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

  /** Creates this bean at startup, whose constructor fails on a setting that it can't parse. */
  void start(@Observes StartupEvent event) {
    LOG.debugf("Bounds of batches: %s", bounds);
  }

  /** Returns the bounds of batches that don't set their own. */
  public Bounds bounds() {
    return bounds;
  }

  /**
   * Checks the request itself, without a query.
   *
   * @throws Refusal {@code whole-table} when it affects all rows of a table and does not confirm
   *     it, {@code unsupported-statement} when its statement has IGNORE and it does not confirm
   *     that
   */
  void check(BoundTask<?> task, BatchSpec spec) {
    if (config.requireWhere() && !spec.safeguards().wholeTable() && task.isOfWholeTable()) {
      throw new Refusal("whole-table", Map.of());
    }
    if (!spec.safeguards().ignore() && task.ignoresErrors()) {
      throw new Refusal("unsupported-statement", Map.of(), List.of(Refusal.Reason.of("ignore")));
    }
  }

  /** Counts the rows that a start would change, exactly only up to a maximum. */
  @FunctionalInterface
  interface Counting {
    Optional<Plan.Count> upTo(long most);
  }

  /**
   * Checks how many rows a start would change. Counts them only if a bound, an approval, or the
   * firing of a schedule depends on the number.
   *
   * @param rules what holds for this start, apart from its request
   * @return the approval that it needs, because it plans many rows, or unusually many for its
   *     schedule. Its schedule may have given it for the former. Null for none.
   * @throws Refusal {@code too-many-rows} when they exceed the bound
   */
  @Nullable Approval check(BatchSpec spec, StartRules rules, Counting counting) {
    Long most = spec.safeguards().bounds().maxRows();
    Long free = free(rules);
    UsualRows usual = rules.usual();
    Consumer<Plan.Count> listener = rules.planned();
    if (most == null && free == null && listener == null) {
      return null;
    }
    Optional<Plan.Count> planned =
        counting.upTo(
            Math.max(
                rules.mostCounted(), Math.max(most == null ? 0 : most, free == null ? 0 : free)));
    if (planned.isEmpty()) {
      return null;
    }
    if (listener != null) {
      listener.accept(planned.get());
    }
    long rows = planned.get().rows();
    boolean exact = planned.get().exact();
    if (most != null && rows > most) {
      throw new Refusal("too-many-rows", Map.of("planned", rows, "maxRows", most, "exact", exact));
    }
    if (usual != null && rows > usual.most()) {
      return new Approval(rows, exact, usual, null, null, false);
    }
    if (!needsApproval(planned.get(), rules)) {
      return null;
    }
    if (rules.approvedAt() != null) {
      return new Approval(rows, exact, null, rules.approvedBy(), rules.approvedAt(), true);
    }
    if (spec.submission().submittedBy() == null && !warned.getAndSet(true)) {
      LOG.warn(
          "Batches of more than "
              + free
              + " rows need an approval, but callers are not identified: whoever starts one can"
              + " approve it");
    }
    return Approval.awaited(rows, exact);
  }

  /**
   * Returns whether a start that plans to change some rows needs an approval. An estimate does not
   * prove that they are few.
   */
  public boolean needsApproval(Plan.Count planned, StartRules rules) {
    Long free = free(rules);
    return free != null && (!planned.exact() || planned.rows() > free);
  }

  /** Returns the number of rows up to which a start needs no approval; null for any number. */
  private @Nullable Long free(StartRules rules) {
    Long own = rules.approvalRows();
    return own == null
        ? approval.rows().orElse(null)
        : Long.valueOf(Math.min(own, approval.rows().orElse(own)));
  }
}
