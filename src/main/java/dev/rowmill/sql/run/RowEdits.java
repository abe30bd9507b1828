package dev.rowmill.sql.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.ImageColumn.Form;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.Image;
import dev.rowmill.task.StatementTag;
import java.sql.Connection;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes changes of rows by their keys, in the caller's transaction, which has locked the rows. For
 * one thread at a time.
 *
 * @param index unique index of the key
 * @param columns all columns but those of the key and generated ones
 * @param along columns that may change along with any other: those with ON UPDATE, or all if a
 *     trigger may write them
 */
record RowEdits(
    TableName table,
    String index,
    List<ImageColumn> keys,
    List<ImageColumn> columns,
    List<ImageColumn> along,
    RunStatements statements) {

  private static final ObjectMapper JSON = new ObjectMapper();

  void mark(StatementTag mark) {
    statements.mark(mark);
  }

  /**
   * Writes changes.
   *
   * @return the number of rows that have changed, and their image
   * @throws SQLDataException if a column does not hold exactly the value that it is set to
   */
  ChunkResult write(Connection connection, List<RowEdit> edits) throws SQLException {
    if (edits.isEmpty()) {
      return new ChunkResult(0, null);
    }
    Map<List<ImageColumn>, List<RowEdit.Update>> updates = new LinkedHashMap<>();
    List<SelectedRow> deleted = new ArrayList<>();
    for (RowEdit edit : edits) {
      if (edit instanceof RowEdit.Update update) {
        updates.computeIfAbsent(update.columns(), any -> new ArrayList<>()).add(update);
      } else {
        deleted.add(edit.row());
      }
    }
    List<RowImage> images = new ArrayList<>();
    try (var strict = WritingSession.strictInUtc(connection)) {
      for (Map.Entry<List<ImageColumn>, List<RowEdit.Update>> some : updates.entrySet()) {
        images.add(update(connection, some.getKey(), some.getValue()));
      }
      if (!deleted.isEmpty()) {
        images.add(delete(connection, deleted));
      }
    }
    images.removeIf(image -> image.rows().isEmpty());
    int changed = images.stream().mapToInt(image -> image.rows().size()).sum();
    return new ChunkResult(
        changed, changed == 0 ? null : new Image(changed, RowImage.write(images)));
  }

  private RestoredTable rowsOf(
      Connection connection, RowImage.Kind kind, List<ImageColumn> ofImage) {
    return new RestoredTable(
        connection, statements, new RowImage(kind, table, index, keys, ofImage, List.of(), null));
  }

  private RowImage update(
      Connection connection, List<ImageColumn> set, List<RowEdit.Update> updates)
      throws SQLException {
    List<ImageColumn> all = new ArrayList<>(set);
    along.stream().filter(column -> !set.contains(column)).forEach(all::add);
    RestoredTable whole = rowsOf(connection, RowImage.Kind.UPDATED, List.copyOf(all));
    List<RowImage.Row> rows =
        updates.stream().map(it -> RowImage.deleted(it.row().key(), it.values())).toList();
    KeyedRows before = whole.read(rows, whole.image().columns());
    rowsOf(connection, RowImage.Kind.UPDATED, set).update(rows);
    KeyedRows after = whole.read(rows, whole.image().columns());
    List<RowImage.Row> changed = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      RowImage.Row row = rows.get(i);
      KeyedRows.Row was = before.find(row.key(), i);
      KeyedRows.Row is = after.find(row.key(), i);
      if (was == null || is == null) {
        throw new SQLException("row " + whole.image().shownKey(row) + " is locked, but has gone");
      }
      for (int j = 0; j < set.size(); j++) {
        if (!isExact(set.get(j), row.before()[j], is.values()[j])) {
          throw new SQLDataException(
              "column %s of row %s does not hold exactly the value that it was set to"
                  .formatted(set.get(j).name(), whole.image().shownKey(row)),
              "22000");
        }
      }
      if (!KeyedRows.equal(was.values(), is.values())) {
        changed.add(RowImage.updated(row.key(), was.values(), is.values()));
      }
    }
    return whole.image().of(changed);
  }

  private RowImage delete(Connection connection, List<SelectedRow> deleted) throws SQLException {
    RestoredTable whole = rowsOf(connection, RowImage.Kind.DELETED, columns);
    List<RowImage.Row> rows =
        deleted.stream().map(it -> RowImage.deleted(it.key(), new byte[0][])).toList();
    KeyedRows before = whole.read(rows, columns);
    whole.delete(rows);
    return whole
        .image()
        .of(before.rows().stream().map(row -> RowImage.deleted(row.key(), row.values())).toList());
  }

  private static boolean isExact(
      ImageColumn column, byte @Nullable [] wanted, byte @Nullable [] is) {
    if (wanted == null || is == null) {
      return wanted == is;
    }
    if (column.form() == Form.TYPED_JSON) {
      try {
        return JSON.readTree(column.bytes(wanted)).equals(JSON.readTree(column.bytes(is)));
      } catch (JsonProcessingException e) {
        return false;
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
    return Arrays.equals(wanted, is);
  }
}
