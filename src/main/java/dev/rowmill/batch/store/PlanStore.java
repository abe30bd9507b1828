package dev.rowmill.batch.store;

import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.StoredTime;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Stores the plans that a start can refer to. Safe for many threads; throws a runtime exception
 * with the SQL error among its causes when the database can't be reached.
 */
@ApplicationScoped
public class PlanStore {

  /** Limits how long an expired plan is still stored, to be reported as expired. */
  private static final Duration REMEMBERED = Duration.ofDays(1);

  private static final String STORE =
      "INSERT INTO batch_plan"
          + " (id, project, request, definition, matching_rows, created_at, expires_at)"
          + " VALUES (?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE id = id";
  private static final String FIND =
      "SELECT request, definition, matching_rows, created_at, expires_at FROM batch_plan"
          + " WHERE id = ? AND project = ?";

  /** Deletes expired plans in small steps, one step with each new plan. */
  private static final String FORGET =
      "DELETE FROM batch_plan WHERE expires_at < ? ORDER BY expires_at LIMIT 20";

  /**
   * Represents a stored plan.
   *
   * @param id can't be guessed
   * @param request body of its request, a JSON object
   * @param definition definitions of the tables, a JSON object of texts by part; null for a task's
   *     plan
   * @param matchingRows number of matching rows; null where they were not counted
   */
  public record Stored(
      String id,
      String project,
      String request,
      @Nullable String definition,
      @Nullable Long matchingRows,
      Instant createdAt,
      Instant expiresAt) {}

  private final ControlTransactions transactions;

  PlanStore(ControlTransactions transactions) {
    this.transactions = transactions;
  }

  /** Stores a plan, and deletes some that expired long ago. */
  public void store(Stored plan) {
    transactions.sql(
        connection -> {
          try (PreparedStatement forget = connection.prepareStatement(FORGET);
              PreparedStatement store = connection.prepareStatement(STORE)) {
            forget.setString(1, StoredTime.text(plan.createdAt().minus(REMEMBERED)));
            forget.executeUpdate();
            store.setString(1, plan.id());
            store.setString(2, plan.project());
            store.setString(3, plan.request());
            store.setString(4, plan.definition());
            store.setObject(5, plan.matchingRows());
            store.setString(6, StoredTime.text(plan.createdAt()));
            store.setString(7, StoredTime.text(plan.expiresAt()));
            return store.executeUpdate();
          }
        });
  }

  /** Returns a plan of a project, expired or not; empty where none with that id is stored. */
  public Optional<Stored> find(String project, String id) {
    return transactions.read(
        connection -> {
          try (PreparedStatement find = connection.prepareStatement(FIND)) {
            find.setString(1, id);
            find.setString(2, project);
            try (ResultSet row = find.executeQuery()) {
              return row.next()
                  ? Optional.of(
                      new Stored(
                          id,
                          project,
                          row.getString(1),
                          row.getString(2),
                          row.getObject(3, Long.class),
                          StoredTime.time(row.getString(4)),
                          StoredTime.time(row.getString(5))))
                  : Optional.empty();
            }
          }
        });
  }
}
