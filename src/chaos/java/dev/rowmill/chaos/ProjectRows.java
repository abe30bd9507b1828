package dev.rowmill.chaos;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Represents one project's table and its expected contents. A batch increments a counter of each
 * row and multiplies a value, so that skipped rows and rows changed twice are detected. A digest of
 * both is hardly compressible, so that undo data make the database grow.
 *
 * <p>Not thread-safe.
 */
final class ProjectRows {

  /** Divides the rows into groups, for batches that skip one. */
  private static final int GROUPS = 5;

  private static final String DIGEST = "SHA2(CONCAT(id, ':', n, ':', v), 512)";
  private static final int PRIME = 1_000_003;
  private static final int ROWS_A_STATEMENT = 1000;
  private static final int BAD_ROWS_TOLD = 5;

  /**
   * Represents the expected contents of rows, by their ids from 1 on.
   *
   * @param count number of batches that have changed the row
   * @param value value after these batches
   */
  record State(int[] count, long[] value) {

    private boolean is(int row, int count, long value) {
      return this.count[row] == count && this.value[row] == value;
    }
  }

  /** Represents the times of the first and the last change, by the database's clock. */
  record Interval(LocalDateTime from, LocalDateTime to) {}

  /**
   * Represents the rows after a batch.
   *
   * @param changed number of changed rows
   * @param bad errors
   * @param intervals times of the changes from the start to the first pause, from there to the
   *     next, and so on
   */
  record Found(State state, int changed, List<String> bad, List<Interval> intervals) {}

  private final String table;
  private final int rows;

  private ProjectRows(String table, int rows) {
    this.table = table;
    this.rows = rows;
  }

  static ProjectRows create(Connection connection, String schema, String project, int rows)
      throws SQLException {
    String table = schema + ".item_" + project;
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE "
              + table
              + " (id INT NOT NULL PRIMARY KEY, grp INT NOT NULL, n INT NOT NULL, v BIGINT NOT NULL,"
              + " digest CHAR(128) NOT NULL DEFAULT '', changed_at DATETIME(6) NULL)");
    }
    for (int from = 1; from <= rows; from += ROWS_A_STATEMENT) {
      int to = Math.min(rows, from + ROWS_A_STATEMENT - 1);
      var sql = new StringBuilder("INSERT INTO " + table + " (id, grp, n, v) VALUES ");
      for (int id = from; id <= to; id++) {
        sql.append(id == from ? "" : ",").append("(" + id + "," + group(id) + ",0," + id + ")");
      }
      try (Statement statement = connection.createStatement()) {
        statement.execute(sql.toString());
      }
    }
    return new ProjectRows(table, rows);
  }

  State initial() {
    long[] value = new long[rows + 1];
    for (int id = 1; id <= rows; id++) {
      value[id] = id;
    }
    return new State(new int[rows + 1], value);
  }

  /**
   * Returns the change of all rows but those of one group, with the parameters {@code add} and
   * {@code but}.
   */
  String sql() {
    return "UPDATE "
        + table
        + " SET n = n + 1, v = MOD(v * 3 + :add, "
        + PRIME
        + "), digest = "
        + DIGEST
        + ", changed_at = NOW(6) WHERE grp <> :but";
  }

  String table() {
    return table;
  }

  /** Returns the contents of the rows after the change. */
  State after(State before, int add, int but) {
    int[] count = before.count.clone();
    long[] value = before.value.clone();
    for (int id = 1; id <= rows; id++) {
      if (group(id) != but) {
        count[id]++;
        value[id] = (value[id] * 3 + add) % PRIME;
      }
    }
    return new State(count, value);
  }

  /**
   * Compares the table with the expected contents.
   *
   * @param partly whether rows may also be unchanged
   * @param cuts times at which the batch was paused
   */
  Found compare(
      Connection connection, State before, State after, boolean partly, List<LocalDateTime> cuts)
      throws SQLException {
    var state = new State(new int[rows + 1], new long[rows + 1]);
    List<String> bad = new ArrayList<>();
    int badRows = 0;
    int changed = 0;
    int seen = 0;
    var intervals = new TreeMap<Long, Interval>();
    try (PreparedStatement query =
            connection.prepareStatement(
                "SELECT id, n, v, changed_at, digest = IF(n = 0, '', "
                    + DIGEST
                    + ") FROM "
                    + table);
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        seen++;
        int id = row.getInt(1);
        int count = row.getInt(2);
        long value = row.getLong(3);
        state.count[id] = count;
        state.value[id] = value;
        boolean isAfter = after.is(id, count, value);
        boolean isBefore = before.is(id, count, value);
        if (!row.getBoolean(5)) {
          badRows++;
          bad.add("row " + id + " has a digest other than that of n=" + count + " v=" + value);
        } else if (!isAfter && !(partly && isBefore)) {
          if (badRows++ < BAD_ROWS_TOLD) {
            bad.add(
                "row %d contains n=%d v=%d rather than n=%d v=%d, before n=%d v=%d, changed at %s"
                    .formatted(
                        id,
                        count,
                        value,
                        after.count[id],
                        after.value[id],
                        before.count[id],
                        before.value[id],
                        row.getString(4)));
          }
        }
        if (!isBefore) {
          changed++;
          LocalDateTime at = row.getObject(4, LocalDateTime.class);
          if (at != null) {
            add(intervals, at, cuts);
          }
        }
      }
    }
    if (badRows > 0) {
      bad.add(badRows + " rows of " + table + " are wrong");
    }
    if (seen != rows) {
      bad.add(table + " has " + seen + " rows");
    }
    return new Found(state, changed, bad, List.copyOf(intervals.values()));
  }

  private static void add(
      TreeMap<Long, Interval> intervals, LocalDateTime at, List<LocalDateTime> cuts) {
    long place = cuts.stream().filter(at::isAfter).count();
    intervals.merge(
        place,
        new Interval(at, at),
        (a, b) ->
            new Interval(
                a.from.isBefore(b.from) ? a.from : b.from, a.to.isAfter(b.to) ? a.to : b.to));
  }

  private static int group(int id) {
    return id % GROUPS;
  }
}
