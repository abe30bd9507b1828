package dev.rowmill.sql.run;

import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.TableDefinition.Column;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads all stored columns of a table's rows without loss, one row at a time. Immutable. */
public final class WholeRows {

  private final List<ImageColumn> columns;

  /** Takes rows, one after the other. */
  @FunctionalInterface
  public interface Sink {

    /**
     * Takes a row.
     *
     * @param values one for each column, as {@link ImageColumn} encodes them; null for NULL
     * @param texts the same texts in UTF-8, for text in another encoding; else null
     */
    void row(byte[] @Nullable [] values, byte[] @Nullable [] texts) throws IOException;
  }

  /**
   * @param columns all columns of the table that are not generated
   */
  public WholeRows(List<ImageColumn> columns) {
    this.columns = columns;
  }

  /** Returns the reader of a table's rows, with all columns that are not generated. */
  public static WholeRows of(TableName table, Connection connection) throws SQLException {
    List<ImageColumn> columns = new ArrayList<>();
    for (Column column : new Catalog(connection).columns(table)) {
      if (!column.generated()) {
        columns.add(ImageColumn.of(column));
      }
    }
    return new WholeRows(List.copyOf(columns));
  }

  /** Returns the columns in the order of the table. */
  public List<ImageColumn> columns() {
    return columns;
  }

  /** Returns the SELECT list for {@link #read}, with the word SELECT. */
  public String select(String qualifier) {
    return columns.stream()
        .map(
            column ->
                column.isOtherText()
                    ? column.selected(qualifier) + ", " + column.inUtf8(qualifier)
                    : column.selected(qualifier))
        .collect(Collectors.joining(", ", "SELECT ", ""));
  }

  /**
   * Reads the rows of a query. They are streamed: none is held.
   *
   * @return number of rows
   */
  public long read(PreparedStatement query, Sink sink) throws SQLException, IOException {
    // The driver streams the rows instead of holding all of them.
    query.setFetchSize(Integer.MIN_VALUE);
    long rows = 0;
    try (var any = AnyPacket.on(query.getConnection());
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        byte[][] values = new byte[columns.size()][];
        byte[][] texts = new byte[columns.size()][];
        int at = 1;
        for (int i = 0; i < values.length; i++) {
          ImageColumn column = columns.get(i);
          values[i] = column.read(row, at);
          at += column.width();
          if (column.isOtherText()) {
            texts[i] = row.getBytes(at++);
          }
        }
        sink.row(values, texts);
        rows++;
      }
    }
    return rows;
  }
}
