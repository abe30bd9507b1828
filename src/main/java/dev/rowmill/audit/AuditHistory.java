package dev.rowmill.audit;

import dev.rowmill.batch.Page;
import dev.rowmill.database.ControlTransactions;
import jakarta.enterprise.context.ApplicationScoped;
import org.jspecify.annotations.Nullable;

/**
 * Reads the audit. Thread-safe. Throws a runtime exception with the SQL error among its causes if
 * the database is unreachable.
 */
@ApplicationScoped
public class AuditHistory {

  private final ControlTransactions transactions;

  AuditHistory(ControlTransactions transactions) {
    this.transactions = transactions;
  }

  /**
   * Returns a page of rows, newest first. With a single filter, the cost does not depend on the
   * length of the audit.
   *
   * @param before only rows with smaller ids; null for all
   */
  public Page<AuditRow> list(AuditFilter filter, @Nullable Long before, int limit) {
    return Page.of(
        transactions.read(connection -> AuditRows.before(connection, filter, before, limit + 1)),
        limit,
        AuditRow::id);
  }
}
