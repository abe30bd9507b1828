package dev.rowmill.httptask;

import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.Rows;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes the table of HTTP tasks. Thread-safe. Throws a runtime exception with the SQL
 * error among its causes when the database can't be reached.
 */
@ApplicationScoped
public class HttpTaskTable {

  private static final String SELECT =
      "SELECT name, description, url, secret, timeout_millis, concurrency, parameters, updated_by,"
          + " updated_at FROM http_task";

  private final ControlTransactions transactions;
  private final Clock clock;

  HttpTaskTable(ControlTransactions transactions, Clock clock) {
    this.transactions = transactions;
    this.clock = clock;
  }

  /**
   * Stores a task, and replaces another one of that name.
   *
   * @return whether no other had this name
   */
  public boolean put(HttpTask task, @Nullable String by) {
    return transactions.sql(
        connection -> {
          boolean fresh =
              Rows.first(
                      connection,
                      "SELECT 1 FROM http_task WHERE name = ? FOR UPDATE",
                      row -> true,
                      task.name())
                  .isEmpty();
          Rows.update(
              connection,
              "REPLACE INTO http_task (name, description, url, secret, timeout_millis, concurrency,"
                  + " parameters, updated_by, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
              task.name(),
              task.description(),
              task.url(),
              task.secret(),
              task.timeoutMillis(),
              task.concurrency(),
              task.schema(),
              by,
              clock.instant());
          return fresh;
        });
  }

  /** Returns the task of a name; empty where there is none. */
  public Optional<HttpTask.Stored> find(String name) {
    return transactions.read(
        connection ->
            Rows.first(connection, SELECT + " WHERE name = ?", HttpTaskTable::stored, name));
  }

  /** Returns all tasks, ordered by name. */
  public List<HttpTask.Stored> all() {
    return transactions.read(
        connection -> Rows.query(connection, SELECT + " ORDER BY name", HttpTaskTable::stored));
  }

  /** Deletes a task; false where there is none. */
  public boolean delete(String name) {
    return transactions.sql(
        connection -> Rows.update(connection, "DELETE FROM http_task WHERE name = ?", name) == 1);
  }

  private static HttpTask.Stored stored(ResultSet row) throws SQLException {
    return new HttpTask.Stored(
        new HttpTask(
            row.getString("name"),
            row.getString("description"),
            row.getString("url"),
            row.getString("secret"),
            row.getInt("timeout_millis"),
            row.getInt("concurrency"),
            row.getString("parameters")),
        row.getString("updated_by"),
        Objects.requireNonNull(Rows.time(row, "updated_at")));
  }
}
