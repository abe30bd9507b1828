package dev.rowmill.batch.store;

import dev.rowmill.batch.Page;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.Rows;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stores and reads the rows that an undo did not restore, with the reasons. Safe for many threads.
 * Throws a runtime exception with the SQL error among its causes when the database can't be
 * reached.
 */
@ApplicationScoped
public class UndoConflicts {

  private static final String SELECT =
      "SELECT id, row_key, reason, detail FROM undo_conflict FORCE INDEX (undo_conflict_of_batch)"
          + " WHERE batch = ? AND id > ? ORDER BY batch, id LIMIT ?";

  /**
   * Represents a row that was not restored.
   *
   * @param key a JSON object: the key's columns and their values as text
   * @param reason such as {@code changed}
   * @param detail description of the conflict, in English
   */
  public record Conflict(long id, String key, String reason, @Nullable String detail) {}

  private final ControlTransactions transactions;

  UndoConflicts(ControlTransactions transactions) {
    this.transactions = transactions;
  }

  /**
   * Stores a row that was not restored, in the transaction of the caller.
   *
   * @param undo id of the undo
   * @param key a JSON object
   */
  public static void add(Connection connection, long undo, String key, String reason, String detail)
      throws SQLException {
    Rows.update(
        connection,
        "INSERT INTO undo_conflict (batch, row_key, reason, detail) VALUES (?, ?, ?, ?)",
        undo,
        key,
        reason,
        detail);
  }

  /**
   * Returns a page of an undo's conflicts, in the order in which they were found.
   *
   * @param after only conflicts with higher ids
   * @param limit maximum number of items
   */
  public Page<Conflict> list(long batch, long after, int limit) {
    List<Conflict> found =
        transactions.read(
            connection ->
                Rows.query(
                    connection,
                    SELECT,
                    row ->
                        new Conflict(
                            row.getLong(1), row.getString(2), row.getString(3), row.getString(4)),
                    batch,
                    after,
                    limit + 1));
    return Page.of(found, limit, Conflict::id);
  }
}
