package dev.rowmill.sql.run;

import dev.rowmill.database.ServerKind;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Holds rows that the server has aggregated: one list of values for each column, in the same order
 * of rows. Reading one result row instead of thousands takes a quarter of the processor time of the
 * service, and none more of the server. For one thread.
 */
final class AggregatedRows implements LockedRows {

  /** Limits the bytes of one column's list. */
  private static final long LONGEST_LIST = 8L << 20;

  /** Sets the least size of packets: any value of an aggregated column must fit into one. */
  private static final long LEAST_PACKET = 1L << 17;

  private final List<ImageColumn> keys;
  private final List<ImageColumn> columns;
  private final List<byte[]> lists;
  private final int size;

  private AggregatedRows(
      List<ImageColumn> keys, List<ImageColumn> columns, List<byte[]> lists, int size) {
    this.keys = keys;
    this.columns = columns;
    this.lists = lists;
    this.size = size;
  }

  /** Returns whether the server can aggregate values of all these columns without loss. */
  static boolean isPossible(List<ImageColumn> columns) {
    return columns.stream().allMatch(column -> column.listed("").isPresent());
  }

  /** Returns SQL for the values of columns that are {@linkplain #isPossible possible}. */
  static List<String> listed(List<ImageColumn> columns, String qualifier) {
    return columns.stream().map(column -> column.listed(qualifier).orElseThrow()).toList();
  }

  /**
   * Reads rows. All columns must be {@linkplain #isPossible possible}.
   *
   * @param listed SQL for the values of the keys and the columns, by {@link #listed}
   * @param query makes the query from its SELECT list, which begins with the word SELECT
   * @return empty if a list is so long that the server may have cut it off, or if packets are very
   *     small
   */
  static Optional<AggregatedRows> read(
      RunStatements statements,
      Connection connection,
      List<ImageColumn> keys,
      List<ImageColumn> columns,
      List<String> listed,
      Function<String, BoundText> query)
      throws SQLException {
    long packet = statements.largestPacket(connection);
    if (packet < LEAST_PACKET) {
      return Optional.empty();
    }
    // All lists together are no larger than rows that are read one by one.
    long longest =
        Math.min(
            Math.min(LONGEST_LIST, packet), KeyedRows.MOST_BYTES / (keys.size() + columns.size()));
    String lists =
        listed.stream()
            .map(value -> "GROUP_CONCAT(" + value + ")")
            .collect(Collectors.joining(", ", " COUNT(*), ", ""));
    // For this query alone: in the session, it would change the user's own GROUP_CONCAT.
    String variable = "group_concat_max_len = " + longest;
    boolean mariaDb = ServerKind.isMariaDb(connection);
    BoundText rows =
        query.apply((mariaDb ? "SELECT" : "SELECT /*+ SET_VAR(" + variable + ") */") + lists);
    String sql = mariaDb ? "SET STATEMENT " + variable + " FOR " + rows.sql() : rows.sql();
    PreparedStatement bound = statements.bound(connection, sql, rows.values());
    try (var any = AnyPacket.on(connection)) {
      // The driver's executeQuery accepts no statement that begins with SET.
      bound.execute();
    }
    try (ResultSet row = bound.getResultSet()) {
      row.next();
      List<byte[]> read = new ArrayList<>();
      for (int column = 0; column < keys.size() + columns.size(); column++) {
        byte[] list = row.getBytes(column + 2);
        if (list != null && list.length >= longest) {
          return Optional.empty();
        }
        read.add(list == null ? new byte[0] : list);
      }
      return Optional.of(new AggregatedRows(keys, columns, read, row.getInt(1)));
    }
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public KeyedRows.Row first() throws SQLException {
    return rows(1).get(0);
  }

  @Override
  public KeyedRows keyed() throws SQLException {
    long bytes = lists.stream().mapToLong(list -> list.length).sum();
    KeyedRows.limit(size, lists.size(), bytes);
    return new KeyedRows(rows(size));
  }

  private List<KeyedRows.Row> rows(int count) throws SQLException {
    List<KeyedRows.Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(new KeyedRows.Row(new byte[keys.size()][], new byte[columns.size()][]));
    }
    for (int i = 0; i < keys.size(); i++) {
      var values = new ValueList(keys.get(i), lists.get(i));
      for (KeyedRows.Row row : rows) {
        row.key()[i] = Objects.requireNonNull(values.next());
      }
    }
    for (int i = 0; i < columns.size(); i++) {
      var values = new ValueList(columns.get(i), lists.get(keys.size() + i));
      for (KeyedRows.Row row : rows) {
        row.values()[i] = values.next();
      }
    }
    return rows;
  }

  @Override
  public void write(ImageOutput out) throws SQLException {
    for (int i = 0; i < lists.size(); i++) {
      var values =
          new ValueList(i < keys.size() ? keys.get(i) : columns.get(i - keys.size()), lists.get(i));
      for (int row = 0; row < size; row++) {
        values.writeNext(out);
      }
      values.end();
    }
  }
}
