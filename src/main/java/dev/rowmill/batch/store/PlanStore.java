package dev.rowmill.batch.store;

import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.StoredTime;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Stores the plans that a start can refer to. Safe for many threads; throws a runtime exception
 * with the SQL error among its causes when the database can't be reached.
 */
@ApplicationScoped
public class PlanStore {

  /** Limits how long an expired plan is still stored, to be reported as expired. */
  public static final Duration REMEMBERED = Duration.ofDays(1);

  /** Matches the ids of plans. */
  private static final Pattern ID = Pattern.compile("[0-9a-f]{1,64}");

  /** Deletes expired plans in small steps, one step with each new plan. */
  private static final String FORGET =
      "DELETE FROM batch_plan WHERE expires_at < ?1 ORDER BY expires_at LIMIT 20";

  /**
   * Represents a stored plan.
   *
   * @param id can't be guessed
   * @param request JSON of the request to start, with its specification
   * @param definition JSON of the definition of the tables; null for a task's plan
   * @param matchingRows number of matching rows; null where they were not counted
   * @param result JSON of what planning found; null if it is too long to be stored, or if an
   *     earlier version stored the plan
   */
  @Embeddable
  public record Stored(
      @Column(insertable = false, updatable = false) String id,
      String project,
      String request,
      @Nullable String definition,
      @Nullable Long matchingRows,
      @Nullable String result,
      Instant createdAt,
      Instant expiresAt) {}

  private final ControlTransactions transactions;
  private final PlanRepository plans;

  PlanStore(ControlTransactions transactions, PlanRepository plans) {
    this.transactions = transactions;
    this.plans = plans;
  }

  /** Stores a plan, and deletes some that expired long ago. */
  public void store(Stored plan) {
    var row = new PlanEntity();
    row.id = plan.id();
    row.stored = plan;
    transactions.run(
        () -> {
          plans
              .getEntityManager()
              .createNativeQuery(FORGET)
              .setParameter(1, StoredTime.text(plan.createdAt().minus(REMEMBERED)))
              .executeUpdate();
          // Unlike an insert, it may follow a commit whose response was lost.
          plans.getEntityManager().merge(row);
        });
  }

  /** Returns whether a text can be an id. The server can't compare every other text with one. */
  public static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  /** Returns a plan of a project, expired or not; empty where none with that id is stored. */
  public Optional<Stored> find(String project, String id) {
    if (!isId(id)) {
      return Optional.empty();
    }
    return transactions
        .query(() -> plans.findByIdOptional(id).map(row -> row.stored))
        .filter(plan -> plan.project().equals(project));
  }
}
