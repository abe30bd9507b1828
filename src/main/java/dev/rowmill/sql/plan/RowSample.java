package dev.rowmill.sql.plan;

import com.mysql.cj.jdbc.JdbcConnection;
import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.ParsedStatement.Kind;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.parse.TextSpan;
import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.KeyValue;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.Plan;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Shows how a statement changes some rows. The server runs the statement itself on a temporary
 * table with these rows. This happens in a read-only transaction, in which the server allows no
 * change of other tables. For one thread.
 */
final class RowSample {

  /** Limits the number of rows. */
  static final int MOST = 20;

  private static final int LONGEST_SECONDS = 1;

  /** Limits the time of each step, in milliseconds. */
  private static final long STEP = 200;

  private final PlanSession session;
  private final ChunkableStatement statement;
  private final ParsedStatement parsed;
  private final TableName target;
  private final List<Column> columns;

  /**
   * Holds the result.
   *
   * @param rowBytes average number of bytes of a row; 0 if unknown
   */
  record Found(List<Plan.Row> rows, long rowBytes, List<Plan.Warning> warnings) {}

  /** Holds formatted rows, and their number of bytes in all. */
  private record Rows(List<Map<String, @Nullable Object>> shown, long bytes) {}

  /**
   * @param columns columns of the changed table
   */
  RowSample(PlanSession session, ChunkableStatement statement, List<Column> columns) {
    this.session = session;
    this.statement = statement;
    this.parsed = statement.parsed();
    this.target = statement.target();
    this.columns = columns;
  }

  /**
   * Creates the table for the statement, outside of a transaction; empty if that is not possible.
   */
  Optional<TableName> prepare(List<Plan.Warning> warnings) throws SQLException {
    if (parsed.kind() == Kind.DELETE || parsed.kind().selects()) {
      return Optional.empty();
    }
    try {
      session.storeValuesUnchanged();
      Optional<TableName> made = session.within(STEP, () -> TemporaryCopy.make(session, target));
      if (made.isEmpty()) {
        warnings.add(Plan.Warning.of("sample-too-long"));
      }
      return made;
    } catch (SQLException e) {
      warnings.add(failed(e));
      return Optional.empty();
    } finally {
      session.restoreMode();
    }
  }

  /**
   * Shows rows, inside of a read-only transaction.
   *
   * @param keys keys of the rows that the statement reads, as text
   * @param copy result of {@link #prepare}
   */
  Found show(List<List<KeyValue>> keys, Optional<TableName> copy) throws SQLException {
    List<Plan.Warning> warnings = new ArrayList<>();
    if (keys.isEmpty()) {
      return new Found(List.of(), 0, warnings);
    }
    BoundText some = statement.key().rows(statement.qualifier(), keys);
    Rows before = null;
    Rows after = null;
    try {
      if (parsed.kind().inserts()) {
        after = copy.isEmpty() ? null : within(() -> coming(copy.get(), some), warnings);
      } else if (copy.isEmpty()) {
        before =
            within(
                () ->
                    read(
                        " FROM "
                            + statement.table().quoted()
                            + " AS "
                            + TableName.quoted(statement.qualifier()),
                        statement.qualifier(),
                        new BoundText(" WHERE " + some.sql() + order(), some.values())),
                warnings);
      } else {
        before = within(() -> filled(copy.get(), some), warnings);
        after = before == null ? null : within(() -> changed(copy.get(), some), warnings);
      }
    } catch (SQLException e) {
      warnings.add(failed(e));
    }
    Rows measured = before == null ? after : before;
    return new Found(
        rows(before, after),
        measured == null || measured.shown().isEmpty()
            ? 0
            : measured.bytes() / measured.shown().size(),
        warnings);
  }

  private static Plan.Warning failed(SQLException e) {
    return Plan.Warning.of("sample-failed", "message", String.valueOf(e.getMessage()));
  }

  private <T> @Nullable T within(PlanSession.Query<T> query, List<Plan.Warning> warnings)
      throws SQLException {
    Optional<T> result = session.within(STEP, query);
    if (result.isEmpty()) {
      warnings.add(Plan.Warning.of("sample-too-long"));
    }
    return result.orElse(null);
  }

  private static List<Plan.Row> rows(@Nullable Rows before, @Nullable Rows after) {
    List<Plan.Row> rows = new ArrayList<>();
    int size = before != null ? before.shown().size() : after != null ? after.shown().size() : 0;
    // An UPDATE does not change a row's key, so the order of the rows stays the same.
    for (int i = 0; i < size; i++) {
      rows.add(
          new Plan.Row(
              before == null ? null : before.shown().get(i),
              after == null ? null : after.shown().get(i)));
    }
    return rows;
  }

  /** Fills the copy with unchanged rows. */
  private Rows filled(TableName copy, BoundText some) throws SQLException {
    String names =
        columns.stream()
            .filter(column -> !column.generated())
            .map(column -> TableName.quoted(column.name()))
            .collect(Collectors.joining(", "));
    session.storeValuesUnchanged();
    try {
      update(
          new BoundText(
              "INSERT INTO "
                  + copy.quoted()
                  + " ("
                  + names
                  + ") SELECT "
                  + names
                  + " FROM "
                  + statement.table().quoted()
                  + " AS "
                  + TableName.quoted(statement.qualifier())
                  + " WHERE "
                  + some.sql(),
              some.values()));
    } finally {
      session.restoreMode();
    }
    return read(copy);
  }

  private Rows changed(TableName copy, BoundText some) throws SQLException {
    update(onCopy(copy, some));
    return read(copy);
  }

  private Rows coming(TableName copy, BoundText some) throws SQLException {
    update(onCopy(copy, some));
    Rows rows = read(copy);
    for (Column column : columns) {
      // These values are assigned when the row is stored.
      if (column.autoIncrement()
          && statement.assigned().stream().noneMatch(column.name()::equalsIgnoreCase)) {
        rows.shown().forEach(row -> row.put(column.name(), null));
      }
    }
    return rows;
  }

  private Rows read(TableName copy) throws SQLException {
    return read(
        " FROM " + copy.quoted() + " AS " + TableName.quoted(statement.qualifier()),
        statement.qualifier(),
        new BoundText(parsed.kind().inserts() ? "" : order(), List.of()));
  }

  private String order() {
    return " ORDER BY " + statement.key().order(statement.qualifier(), false);
  }

  /** Returns the statement for some rows, with the copy in place of its table. */
  private BoundText onCopy(TableName copy, BoundText some) {
    BoundText head = statement.head();
    TextSpan name = statement.rendered().names().get(changedName());
    // An alias with the table's own name, as the statement may qualify columns with it.
    String alias =
        !parsed.kind().inserts() && statement.alias() == null
            ? " AS " + TableName.quoted(statement.qualifier())
            : "";
    BoundText begun =
        new BoundText(
            head.sql().substring(0, name.start())
                + copy.quoted()
                + alias
                + head.sql().substring(name.end()),
            head.values());
    return begun.plus(some).plus(statement.tail());
  }

  /** Returns the index of the changed table among the statement's table names. */
  private int changedName() {
    if (parsed.kind().inserts()) {
      return 0;
    }
    for (int i = 0; i < parsed.tables().size(); i++) {
      if (parsed.tables().get(i).qualifier().equals(statement.qualifier())) {
        return i;
      }
    }
    throw new IllegalStateException("no table of the statement is the changed one");
  }

  /**
   * Prepares a statement on the server as for a batch, but without the cache, since its table name
   * never repeats.
   */
  private PreparedStatement uncached(String sql) throws SQLException {
    return session
        .connection()
        .unwrap(JdbcConnection.class)
        .serverPrepareStatement(RunStatements.commented(sql, PlanSession.COMMENT));
  }

  private void update(BoundText sql) throws SQLException {
    try (PreparedStatement update = uncached(sql.sql())) {
      BoundText.bind(update, sql.values());
      update.setQueryTimeout(LONGEST_SECONDS);
      update.executeLargeUpdate();
    }
  }

  private Rows read(String from, String qualifier, BoundText tail) throws SQLException {
    List<DisplayColumn> shown = columns.stream().map(DisplayColumn::new).toList();
    String select =
        "SELECT "
            + shown.stream().map(one -> one.selected(qualifier)).collect(Collectors.joining(", "))
            + ", "
            + shown.stream().map(one -> one.bytes(qualifier)).collect(Collectors.joining(" + "))
            + from
            + tail.sql();
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    long bytes = 0;
    try (PreparedStatement read = uncached(select)) {
      BoundText.bind(read, tail.values());
      try (ResultSet row = read.executeQuery()) {
        while (row.next()) {
          Map<String, @Nullable Object> values = new LinkedHashMap<>();
          for (int i = 0; i < shown.size(); i++) {
            DisplayColumn column = shown.get(i);
            values.put(column.column().name(), column.shown(row.getString(i + 1)));
          }
          rows.add(values);
          bytes += row.getLong(shown.size() + 1);
        }
      }
    }
    return new Rows(rows, bytes);
  }

  /**
   * Returns the keys of some matching rows. Omits keys that this session can't represent exactly.
   */
  static List<List<KeyValue>> keys(PlanSession session, ChunkableStatement statement)
      throws SQLException {
    ChunkQueries.RangeQuery query = new ChunkQueries(statement, null).someMatching(MOST);
    ChunkKey key = statement.key();
    List<List<KeyValue>> keys = new ArrayList<>();
    try (PreparedStatement select =
        session
            .connection()
            .prepareStatement(RunStatements.commented(query.sql(), PlanSession.COMMENT))) {
      BoundText.bind(select, query.before());
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          if (key.isExact(row)) {
            keys.add(key.read(row));
          }
        }
      }
    }
    return Collections.unmodifiableList(keys);
  }
}
