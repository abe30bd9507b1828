package dev.rowmill.audit;

import dev.rowmill.batch.Page;
import dev.rowmill.database.ControlTransactions;
import jakarta.enterprise.context.ApplicationScoped;
import org.jspecify.annotations.Nullable;

/**
 * Reads the audit. Safe for many threads. Throws a runtime exception with the SQL error among its
 * causes when the database can't be reached.
 */
@ApplicationScoped
public class AuditHistory {

  private final ControlTransactions transactions;

  AuditHistory(ControlTransactions transactions) {
    this.transactions = transactions;
  }

  /**
   * A page, newest first. By one filter it costs the same whatever the audit's length.
   *
   * @param before only rows with lower numbers
   */
  public Page<AuditRow> list(AuditFilter filter, @Nullable Long before, int limit) {
    return Page.of(
        transactions.read(connection -> AuditRows.before(connection, filter, before, limit + 1)),
        limit,
        AuditRow::id);
  }
}
