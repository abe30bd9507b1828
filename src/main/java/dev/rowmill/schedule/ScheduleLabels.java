package dev.rowmill.schedule;

import dev.rowmill.batch.Label;
import dev.rowmill.batch.Labels;
import dev.rowmill.database.Rows;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Reads and writes the labels of schedules, on the connection of the caller. Stateless. */
final class ScheduleLabels {

  private static final int COLUMNS = 3;

  private ScheduleLabels() {}

  /** Replaces the labels of a schedule. */
  static void put(Connection connection, String schedule, Labels labels) throws SQLException {
    delete(connection, schedule);
    List<Object> values = new ArrayList<>();
    labels.values().forEach((name, value) -> values.addAll(List.of(schedule, name, value)));
    if (!values.isEmpty()) {
      Rows.update(
          connection,
          "INSERT INTO schedule_label (schedule, name, value) VALUES "
              + Rows.lists(values.size() / COLUMNS, COLUMNS),
          values);
    }
  }

  static void delete(Connection connection, String schedule) throws SQLException {
    Rows.update(connection, "DELETE FROM schedule_label WHERE schedule = ?", schedule);
  }

  /**
   * Returns the names of schedules that have all of some labels, in their order. Scans those with
   * the first label, by index.
   *
   * @param labels at least one
   * @param after only names greater than this; may be empty
   */
  static List<String> find(Connection connection, List<Label> labels, String after, int limit)
      throws SQLException {
    var sql =
        new StringBuilder(
            "SELECT l0.schedule FROM schedule_label l0 FORCE INDEX (schedule_label_by_value)");
    List<Object> values = new ArrayList<>();
    for (int i = 1; i < labels.size(); i++) {
      sql.append(
          " STRAIGHT_JOIN schedule_label l%1$d ON l%1$d.schedule = l0.schedule AND l%1$d.name = ? AND l%1$d.value = ?"
              .formatted(i));
      values.addAll(List.of(labels.get(i).name(), labels.get(i).value()));
    }
    // All columns of the index, so that no server sorts.
    sql.append(
        " WHERE l0.name = ? AND l0.value = ? AND l0.schedule > ?"
            + " ORDER BY l0.name, l0.value, l0.schedule LIMIT ?");
    values.addAll(List.of(labels.get(0).name(), labels.get(0).value(), after, limit));
    return Rows.query(connection, sql.toString(), row -> row.getString(1), values);
  }
}
