package dev.rowmill.batch.store;

import dev.rowmill.batch.Page;
import dev.rowmill.database.ControlTransactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO undo_conflict (batch, row_key, reason, detail) VALUES (?, ?, ?, ?)")) {
      insert.setLong(1, undo);
      insert.setString(2, key);
      insert.setString(3, reason);
      insert.setString(4, detail);
      insert.executeUpdate();
    }
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
            connection -> {
              List<Conflict> conflicts = new ArrayList<>();
              try (PreparedStatement select = connection.prepareStatement(SELECT)) {
                select.setLong(1, batch);
                select.setLong(2, after);
                select.setInt(3, limit + 1);
                try (ResultSet row = select.executeQuery()) {
                  while (row.next()) {
                    conflicts.add(
                        new Conflict(
                            row.getLong(1),
                            Objects.requireNonNull(row.getString(2)),
                            Objects.requireNonNull(row.getString(3)),
                            row.getString(4)));
                  }
                }
              }
              return conflicts;
            });
    return Page.of(found, limit, Conflict::id);
  }
}
