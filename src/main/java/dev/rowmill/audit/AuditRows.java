package dev.rowmill.audit;

import dev.rowmill.database.Rows;
import dev.rowmill.database.StoredTime;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads and writes the audit's tables on the caller's connection. Stateless. */
final class AuditRows {

  private static final int COLUMNS = 16;

  private static final String ALL =
      "id, happened_at, actor, actor_role, address, operation, request, project, batch,"
          + " statement_text, statement_sha256, detail, http_status, problem, previous_hash, hash";

  /** Selects the time as text, so that no time zone of a driver or session affects it. */
  private static final String SELECT =
      "SELECT " + ALL.replace("happened_at", "CAST(happened_at AS CHAR)") + " FROM audit";

  /**
   * Represents the newest row, as recorded in {@code audit_head}.
   *
   * @param newest highest id in {@code audit}; 0 if the table is empty
   */
  record Head(long id, String hash, long newest) {}

  private AuditRows() {}

  /**
   * Returns the head and locks it until the end of the transaction. Empty if its row was deleted.
   */
  static Optional<Head> lockHead(Connection connection) throws SQLException {
    return head(connection, "SELECT id, hash, id FROM audit_head WHERE one = 1 FOR UPDATE");
  }

  /**
   * Returns the head and the highest id of {@code audit}, from one snapshot. Empty if the head's
   * row was deleted.
   */
  static Optional<Head> head(Connection connection) throws SQLException {
    return head(
        connection,
        "SELECT id, hash, (SELECT COALESCE(MAX(id), 0) FROM audit) FROM audit_head WHERE one = 1");
  }

  private static Optional<Head> head(Connection connection, String sql) throws SQLException {
    return Rows.first(
        connection, sql, row -> new Head(row.getLong(1), row.getString(2), row.getLong(3)));
  }

  /** Stores rows that follow the head. The transaction must hold the head's lock. */
  static void insert(Connection connection, List<AuditRow> rows) throws SQLException {
    List<@Nullable Object> values = new ArrayList<>();
    for (AuditRow added : rows) {
      values.addAll(added.values());
      values.add(added.hash());
    }
    Rows.update(
        connection,
        "INSERT INTO audit (" + ALL + ") VALUES " + Rows.lists(rows.size(), COLUMNS),
        values);
  }

  /**
   * Moves the head from where the caller assumes it to be, and locks it until the end of the
   * transaction.
   *
   * @return false if the head is elsewhere; nothing is changed then
   */
  static boolean moveHead(Connection connection, Head from, AuditRow to) throws SQLException {
    return Rows.update(
            connection,
            "UPDATE audit_head SET id = ?, hash = ? WHERE one = 1 AND id = ? AND hash = ?",
            to.id(),
            to.hash(),
            from.id(),
            from.hash())
        == 1;
  }

  /** Checks whether a row with the same id and hash exists. */
  static boolean has(Connection connection, AuditRow row) throws SQLException {
    return Rows.number(
            connection,
            "SELECT COUNT(*) FROM audit WHERE id = ? AND hash = ?",
            row.id(),
            row.hash())
        > 0;
  }

  /**
   * Returns the rows with ids from {@code id}, exclusive, to {@code upTo}, in the order of the
   * chain.
   */
  static List<AuditRow> after(Connection connection, long id, long upTo, int limit)
      throws SQLException {
    return find(connection, " WHERE id > ? AND id <= ? ORDER BY id LIMIT ?", id, upTo, limit);
  }

  /** Returns the rows with ids below a number, newest first. */
  static List<AuditRow> before(
      Connection connection, AuditFilter filter, @Nullable Long before, int limit)
      throws SQLException {
    List<Object> values = new ArrayList<>();
    var where = new StringBuilder(" WHERE TRUE");
    add(where, values, " AND project = ?", filter.project());
    add(where, values, " AND batch = ?", filter.batch());
    add(where, values, " AND actor = ?", filter.actor());
    add(where, values, " AND operation = ?", filter.operation());
    add(where, values, " AND id < ?", before);
    values.add(limit);
    return find(connection, where + " ORDER BY id DESC LIMIT ?", values.toArray());
  }

  private static void add(
      StringBuilder where, List<Object> values, String condition, @Nullable Object value) {
    if (value != null) {
      where.append(condition);
      values.add(value);
    }
  }

  private static List<AuditRow> find(Connection connection, String where, Object... values)
      throws SQLException {
    return Rows.query(connection, SELECT + where, AuditRows::row, values);
  }

  private static AuditRow row(ResultSet row) throws SQLException {
    int i = 0;
    long id = row.getLong(++i);
    var entry =
        new AuditEntry(
            StoredTime.time(row.getString(++i)),
            row.getString(++i),
            row.getString(++i),
            row.getString(++i),
            row.getString(++i),
            row.getString(++i),
            row.getString(++i),
            row.getObject(++i, Long.class),
            row.getString(++i),
            row.getString(++i),
            row.getString(++i),
            row.getObject(++i, Integer.class),
            row.getString(++i));
    return new AuditRow(id, entry, row.getString(++i), row.getString(++i));
  }
}
