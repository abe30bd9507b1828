package dev.rowmill.sql.run;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes the statements for rows that a chunk has changed in the same way. Immutable.
 *
 * <p>An UPDATE or DELETE only finds a row that has the values that it expects. The script counts
 * those that find none in {@code @not_found}.
 */
public final class RowScript {

  private final boolean undoes;
  private final boolean needsAfter;
  private final boolean expects;
  private final boolean writes;
  private final List<ScriptColumn> keys;
  private final List<ScriptColumn> columns;
  private final String table;
  private final String names;

  RowScript(ChangeScript script, ChangedRows rows) {
    undoes = script == ChangeScript.UNDO;
    needsAfter = rows.change().hasAfter();
    expects = undoes ? rows.change().hasAfter() : rows.change().hasBefore();
    writes = undoes ? rows.change().hasBefore() : rows.change().hasAfter();
    keys = rows.keys().stream().map(ScriptColumn::new).toList();
    columns = rows.columns().stream().map(ScriptColumn::new).toList();
    table = rows.table().quoted();
    List<ImageColumn> all = new ArrayList<>(rows.keys());
    all.addAll(rows.columns());
    names = ImageColumn.names(all);
  }

  /**
   * Appends the statement of a row. If a value that it needs is unknown, appends a comment instead.
   *
   * @return whether it appended a statement
   */
  public boolean append(StringBuilder out, ChangedRows.Row row) {
    if (needsAfter && !row.unknown().isEmpty()) {
      var key = new StringBuilder();
      appendKey(key, row);
      out.append("-- left out: the row ")
          .append(key.toString().replaceAll("\\R", " "))
          .append(" has changed since\n");
      return false;
    }
    byte[][] from = undoes ? row.after() : row.before();
    byte[][] to = undoes ? row.before() : row.after();
    boolean lenient = writes && isInvalid(row.key(), to);
    if (lenient) {
      out.append("SET sql_mode = @lenient;\n");
    }
    if (!expects) {
      appendInsert(out, row.key(), to);
    } else {
      if (writes) {
        appendUpdate(out, to);
      } else {
        out.append("DELETE FROM ").append(table);
      }
      appendExpected(out.append(" WHERE "), row, from);
    }
    if (lenient) {
      out.append("SET sql_mode = @strict;\n");
    }
    return true;
  }

  private boolean isInvalid(byte[][] key, byte[] @Nullable [] values) {
    return IntStream.range(0, keys.size()).anyMatch(i -> keys.get(i).isInvalid(key[i]))
        || IntStream.range(0, columns.size()).anyMatch(i -> columns.get(i).isInvalid(values[i]));
  }

  private void appendInsert(StringBuilder out, byte[][] key, byte[] @Nullable [] values) {
    out.append("INSERT INTO ").append(table).append(" (").append(names).append(") VALUES (");
    for (int i = 0; i < keys.size(); i++) {
      keys.get(i).appendWritten(out.append(i == 0 ? "" : ", "), key[i]);
    }
    for (int i = 0; i < columns.size(); i++) {
      columns.get(i).appendWritten(out.append(", "), values[i]);
    }
    out.append(");\n");
  }

  private void appendUpdate(StringBuilder out, byte[] @Nullable [] values) {
    out.append("UPDATE ").append(table).append(" SET ");
    for (int i = 0; i < columns.size(); i++) {
      columns.get(i).appendAssigned(out.append(i == 0 ? "" : ", "), values[i]);
    }
  }

  private void appendExpected(StringBuilder out, ChangedRows.Row row, byte[] @Nullable [] values) {
    appendKey(out, row);
    for (int i = 0; i < columns.size(); i++) {
      columns.get(i).appendSame(out.append(" AND "), values[i]);
    }
    out.append(";\nSET @not_found = @not_found + (ROW_COUNT() = 0);\n");
  }

  private void appendKey(StringBuilder out, ChangedRows.Row row) {
    for (int i = 0; i < keys.size(); i++) {
      keys.get(i).appendKey(out.append(i == 0 ? "" : " AND "), row.key()[i]);
    }
  }
}
