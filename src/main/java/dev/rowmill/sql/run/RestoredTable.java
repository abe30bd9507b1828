package dev.rowmill.sql.run;

import dev.rowmill.database.ServerKind;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.RowImage.Kind;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import java.sql.Connection;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Locks, reads and writes rows of an image's table by their keys, in the caller's transaction. For
 * one thread.
 *
 * @param image image of the rows
 */
record RestoredTable(Connection connection, RunStatements statements, RowImage image) {

  private static final String ROW = "stored";

  /** Returns the rows as they are now, locked until the end of the transaction. */
  KeyedRows lock(List<RowImage.Row> rows, List<ImageColumn> columns) throws SQLException {
    // MySQL can't lock the rows of a document, and MariaDB can't name the table to lock.
    boolean mariaDb = ServerKind.isMariaDb(connection);
    return read(rows, columns, " FOR UPDATE" + (mariaDb ? "" : " OF " + TableName.quoted(ROW)));
  }

  /** Returns the rows as they are now. */
  KeyedRows read(List<RowImage.Row> rows, List<ImageColumn> columns) throws SQLException {
    return read(rows, columns, "");
  }

  private KeyedRows read(List<RowImage.Row> rows, List<ImageColumn> columns, String locking)
      throws SQLException {
    var cells = new JsonRowTable(image.keys());
    String sql =
        KeyedRows.select(image.keys(), columns, ROW)
            + " FROM "
            + cells.joined(image, ROW)
            + locking;
    var now = new KeyedRows();
    for (String document :
        cells.documents(
            rows.stream().<byte[] @Nullable []>map(RowImage.Row::key)::iterator,
            JsonRowTable.mostCharacters(statements.largestPacket(connection)))) {
      now.add(
          statements.bound(connection, sql, List.of(new BoundText.Value(document))),
          image.keys(),
          columns);
    }
    return now;
  }

  /**
   * Reads restored rows again. A trigger, or an equivalent definition of the table, may have
   * altered them.
   *
   * @return the rows, in the same order
   * @throws SQLDataException if a row differs from its image
   */
  List<KeyedRows.Row> readBack(List<RowImage.Row> rows) throws SQLException {
    KeyedRows now = lock(rows, image.columns());
    List<KeyedRows.Row> read = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      RowImage.Row row = rows.get(i);
      KeyedRows.Row is = now.find(row.key(), i);
      if (is == null || !isAsBefore(is, row)) {
        throw new SQLDataException(
            "the table does not accept the old values of row " + image.shownKey(row), "22000");
      }
      read.add(is);
    }
    return read;
  }

  /** Returns whether a row has the values that an image stores. */
  boolean isAsBefore(KeyedRows.Row is, RowImage.Row row) {
    for (int i = 0; i < image.columns().size(); i++) {
      if (!image.columns().get(i).isSame(is.values()[i], row.before()[i])) {
        return false;
      }
    }
    return true;
  }

  /**
   * Reads updated rows again, and returns an image of their changes.
   *
   * @param were the rows before the update
   */
  RowImage updatedImage(List<RowImage.Row> rows, List<KeyedRows.Row> were) throws SQLException {
    List<KeyedRows.Row> are = readBack(rows);
    List<RowImage.Row> updated = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      byte[][] before = were.get(i).values();
      byte[][] after = are.get(i).values();
      if (!KeyedRows.equal(before, after)) {
        updated.add(RowImage.updated(rows.get(i).key(), before, after));
      }
    }
    return image.of(Kind.UPDATED, updated);
  }

  /** Writes the old values of existing rows. */
  void update(List<RowImage.Row> rows) throws SQLException {
    int keys = image.keys().size();
    var cells = new JsonRowTable(image.keysAndColumns());
    String update = "UPDATE " + cells.joined(image, ROW) + " SET ";
    write(
        rows,
        cells,
        value ->
            update
                + IntStream.range(0, image.columns().size())
                    .mapToObj(i -> image.columns().get(i).in(ROW) + " = " + value.apply(keys + i))
                    .collect(Collectors.joining(", ")));
  }

  void insert(List<RowImage.Row> rows) throws SQLException {
    List<ImageColumn> columns = image.keysAndColumns();
    var cells = new JsonRowTable(columns);
    String into =
        "INSERT INTO " + image.table().quoted() + " (" + ImageColumn.names(columns) + ") SELECT ";
    write(
        rows,
        cells,
        value ->
            into
                + IntStream.range(0, columns.size())
                    .mapToObj(value)
                    .collect(Collectors.joining(", "))
                + " FROM "
                + cells.from());
  }

  void delete(List<RowImage.Row> rows) throws SQLException {
    var cells = new JsonRowTable(image.keys());
    String delete = "DELETE " + TableName.quoted(ROW) + " FROM " + cells.joined(image, ROW);
    write(rows, cells, value -> delete);
  }

  private void write(List<RowImage.Row> rows, JsonRowTable cells, RowWriter.Writing writing)
      throws SQLException {
    new RowWriter(connection, statements, cells, writing).write(rows);
  }
}
