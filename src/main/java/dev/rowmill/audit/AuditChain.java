package dev.rowmill.audit;

import dev.rowmill.audit.AuditRows.Head;
import dev.rowmill.database.ControlTransactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Adds to the chain, one transaction for all that is given at once. What several nodes add is put
 * in order by the lock on the head's row. For one thread of a node.
 */
@ApplicationScoped
class AuditChain {

  private final ControlTransactions transactions;

  /** What was tried last and not answered: its commit may have gone through. */
  private @Nullable List<AuditRow> unanswered;

  AuditChain(ControlTransactions transactions) {
    this.transactions = transactions;
  }

  /**
   * Returns when the entries are committed. When it throws, it is to be called again with the same
   * entries, and writes those that turn out to be there no second time.
   *
   * @param entries one at least
   */
  void append(List<AuditEntry> entries) {
    transactions.sql(
        connection -> {
          // First, as a try before may still be on its way to commit, and holds it until then.
          Head head =
              AuditRows.lockHead(connection)
                  .orElseThrow(() -> new IllegalStateException("audit_head has lost its row"));
          if (!isThere(connection, entries)) {
            List<AuditRow> rows = chained(head, entries);
            unanswered = rows;
            AuditRows.append(connection, rows);
          }
          return true;
        });
    unanswered = null;
  }

  private boolean isThere(Connection connection, List<AuditEntry> entries) throws SQLException {
    List<AuditRow> tried = unanswered;
    return tried != null
        && tried.stream().map(AuditRow::entry).toList().equals(entries)
        && AuditRows.has(connection, tried.get(tried.size() - 1));
  }

  private static List<AuditRow> chained(Head head, List<AuditEntry> entries) {
    List<AuditRow> rows = new ArrayList<>();
    long id = head.id();
    String hash = head.hash();
    for (AuditEntry entry : entries) {
      AuditRow row = AuditRow.after(id, hash, entry);
      rows.add(row);
      id = row.id();
      hash = row.hash();
    }
    return rows;
  }
}
