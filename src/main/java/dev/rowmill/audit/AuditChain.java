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
 * Appends entries to the hash chain, each call in one transaction. The lock on the row of {@code
 * audit_head} puts the entries of several nodes in order. One thread per node may call {@link
 * #append(List)}; other threads append within transactions of their own.
 */
@ApplicationScoped
class AuditChain {

  private final ControlTransactions transactions;

  /**
   * Holds the rows of the last attempt if its commit was not acknowledged, because it may have
   * succeeded.
   */
  private @Nullable List<AuditRow> unacknowledged;

  /**
   * Holds the head as this node has moved it last. It may have been moved since, or the transaction
   * rolled back; its hash shows that.
   */
  private volatile @Nullable Head latest;

  AuditChain(ControlTransactions transactions) {
    this.transactions = transactions;
  }

  /**
   * Appends entries and returns after the commit. If it throws, call it again with the same
   * entries. Entries that an earlier attempt has committed are not written twice.
   *
   * @param entries at least one
   */
  void append(List<AuditEntry> entries) {
    transactions.sql(
        connection -> {
          // Lock the head first. An earlier attempt may still be committing, and holds the lock
          // until then.
          Head head = lockHead(connection);
          if (!isThere(connection, entries)) {
            List<AuditRow> rows = chained(head, entries);
            unacknowledged = rows;
            appendLocked(connection, head, rows);
          }
          return true;
        });
    unacknowledged = null;
  }

  /**
   * Appends entries within the caller's transaction, which holds the lock on the head until its
   * end. May be called by any thread.
   *
   * @param entries at least one
   */
  void append(Connection connection, List<AuditEntry> entries) throws SQLException {
    // Most often the head is where this node has moved it, and needs not be read.
    Head assumed = latest;
    if (assumed == null || !append(connection, assumed, chained(assumed, entries))) {
      Head head = lockHead(connection);
      appendLocked(connection, head, chained(head, entries));
    }
  }

  private void appendLocked(Connection connection, Head head, List<AuditRow> rows)
      throws SQLException {
    if (!append(connection, head, rows)) {
      throw new IllegalStateException("the row of audit_head has changed although it is locked");
    }
  }

  /** Returns false if the head is elsewhere; nothing is stored then. */
  private boolean append(Connection connection, Head head, List<AuditRow> rows)
      throws SQLException {
    AuditRow last = rows.get(rows.size() - 1);
    if (!AuditRows.moveHead(connection, head, last)) {
      return false;
    }
    AuditRows.insert(connection, rows);
    latest = new Head(last.id(), last.hash(), last.id());
    return true;
  }

  private static Head lockHead(Connection connection) throws SQLException {
    return AuditRows.lockHead(connection)
        .orElseThrow(() -> new IllegalStateException("the row of audit_head is missing"));
  }

  private boolean isThere(Connection connection, List<AuditEntry> entries) throws SQLException {
    List<AuditRow> tried = unacknowledged;
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
