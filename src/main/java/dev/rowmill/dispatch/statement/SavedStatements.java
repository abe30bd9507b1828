package dev.rowmill.dispatch.statement;

import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.StoredTime;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes the saved statements. Safe for many threads; throws a runtime exception with the
 * SQL error among its causes when the database can't be reached.
 */
@ApplicationScoped
public class SavedStatements {

  private static final String SELECT =
      "SELECT name, definition, version, updated_by, updated_at FROM saved_statement WHERE ";
  private static final String PUT =
      "INSERT INTO saved_statement (name, definition, updated_by, updated_at) VALUES (?, ?, ?, ?)"
          + " ON DUPLICATE KEY UPDATE version = version + 1, definition = VALUES(definition),"
          + " updated_by = VALUES(updated_by), updated_at = VALUES(updated_at)";

  /**
   * Represents a row of the table of saved statements.
   *
   * @param definition the body that it was saved with, a JSON object
   * @param version 1, and one more with each change
   * @param updatedBy null where callers are not identified
   */
  public record Stored(
      String name, String definition, int version, @Nullable String updatedBy, Instant updatedAt) {}

  private final ControlTransactions transactions;
  private final Clock clock;

  SavedStatements(ControlTransactions transactions, Clock clock) {
    this.transactions = transactions;
    this.clock = clock;
  }

  /**
   * Saves a statement, and replaces the one of the same name. Batches already started from it don't
   * change.
   */
  public Stored put(String name, String definition, @Nullable String by) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    return transactions.sql(
        connection -> {
          try (PreparedStatement put = connection.prepareStatement(PUT);
              PreparedStatement select = connection.prepareStatement(SELECT + "name = ?")) {
            put.setString(1, name);
            put.setString(2, definition);
            put.setString(3, by);
            put.setString(4, StoredTime.text(now));
            put.executeUpdate();
            select.setString(1, name);
            return read(select).get(0);
          }
        });
  }

  /** Returns the statement of a name; empty where there is none. */
  public Optional<Stored> find(String name) {
    return transactions.read(
        connection -> {
          try (PreparedStatement select = connection.prepareStatement(SELECT + "name = ?")) {
            select.setString(1, name);
            return read(select).stream().findFirst();
          }
        });
  }

  /**
   * Lists statements, ordered by name.
   *
   * @param after lists only names greater than this; may be empty
   * @param limit maximum number of statements
   */
  public List<Stored> list(String after, int limit) {
    return transactions.read(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(SELECT + "name > ? ORDER BY name LIMIT ?")) {
            select.setString(1, after);
            select.setInt(2, limit);
            return read(select);
          }
        });
  }

  /** Deletes a statement; false where there is none. Batches already started from it continue. */
  public boolean delete(String name) {
    return transactions.sql(
        connection -> {
          try (PreparedStatement delete =
              connection.prepareStatement("DELETE FROM saved_statement WHERE name = ?")) {
            delete.setString(1, name);
            return delete.executeUpdate() > 0;
          }
        });
  }

  private static List<Stored> read(PreparedStatement select) throws SQLException {
    List<Stored> found = new ArrayList<>();
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        found.add(
            new Stored(
                row.getString(1),
                row.getString(2),
                row.getInt(3),
                row.getString(4),
                StoredTime.time(row.getString(5))));
      }
    }
    return found;
  }
}
