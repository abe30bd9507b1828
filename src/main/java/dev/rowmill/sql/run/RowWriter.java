package dev.rowmill.sql.run;

import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.sql.value.TypedJson;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Writes rows by a statement that reads them from a document, as many at a time as fit into a
 * packet. Rows that do not fit, or that need a statement of their own, are written alone. For one
 * thread.
 */
final class RowWriter {

  /** Begins the name of a user variable for a large value; the index of the column follows. */
  private static final String VARIABLE = "@rowmill_value_";

  /** Makes the statement that writes rows. */
  interface Writing {
    /**
     * Returns the statement.
     *
     * @param value SQL for the value of a column, by its index
     */
    String sql(IntFunction<String> value);
  }

  private final Connection connection;
  private final RunStatements statements;
  private final JsonRowTable cells;
  private final Writing writing;

  /** Limits the characters of the values of a document. */
  private final int most;

  /**
   * @param cells columns of the document: the key, or the key and the other columns
   */
  RowWriter(Connection connection, RunStatements statements, JsonRowTable cells, Writing writing)
      throws SQLException {
    this.connection = connection;
    this.statements = statements;
    this.cells = cells;
    this.writing = writing;
    this.most = JsonRowTable.mostCharacters(statements.largestPacket(connection));
  }

  /** Writes the keys and the old values of rows. */
  void write(List<RowImage.Row> rows) throws SQLException {
    String together = writing.sql(cells::written);
    List<byte[][]> some = new ArrayList<>();
    long characters = 0;
    for (RowImage.Row row : rows) {
      byte[][] values = values(row);
      long more = JsonRowTable.characters(values);
      boolean alone = more > most || isTyped(values);
      if (alone || characters + more > most) {
        write(some, together);
        some.clear();
        characters = 0;
      }
      if (alone) {
        writeAlone(values);
      } else {
        some.add(values);
        characters += more;
      }
    }
    write(some, together);
  }

  private byte[][] values(RowImage.Row row) {
    int columns = cells.columns().size();
    int keys = row.key().length;
    byte[][] values = Arrays.copyOf(row.key(), columns);
    System.arraycopy(row.before(), 0, values, keys, columns - keys);
    return values;
  }

  private void write(List<byte[][]> some, String sql) throws SQLException {
    for (String document : cells.documents(some, Integer.MAX_VALUE)) {
      try (PreparedStatement once =
          statements.boundOnce(connection, sql, List.of(new BoundText.Value(document)))) {
        once.executeLargeUpdate();
      }
    }
  }

  /** Writes a row after sending its large values to the server in pieces. */
  private void writeAlone(byte[][] values) throws SQLException {
    byte[][] small = values.clone();
    Map<Integer, String> written = new HashMap<>();
    while (JsonRowTable.characters(small) > most) {
      int largest = largest(small);
      ImageColumn column = cells.columns().get(largest);
      setVariable(VARIABLE + largest, column.bytes(small[largest]), column);
      written.put(largest, column.writtenBytes(VARIABLE + largest));
      small[largest] = null;
    }
    List<Integer> variables = List.copyOf(written.keySet());
    for (int i = 0; i < values.length; i++) {
      if (cells.columns().get(i).isTyped(values[i])) {
        String document = written.getOrDefault(i, cells.written(i));
        written.put(i, TypedJson.written(values[i], document));
      }
    }
    List<byte[][]> row = new ArrayList<>();
    row.add(small);
    write(row, writing.sql(i -> written.getOrDefault(i, cells.written(i))));
    for (int variable : variables) {
      WritingSession.execute(connection, "SET " + VARIABLE + variable + " = NULL");
    }
  }

  private boolean isTyped(byte[][] values) {
    return IntStream.range(0, values.length)
        .anyMatch(i -> cells.columns().get(i).isTyped(values[i]));
  }

  private static int largest(byte[][] values) {
    return IntStream.range(0, values.length)
        .boxed()
        .max(Comparator.comparingInt(i -> values[i] == null ? -1 : values[i].length))
        .orElseThrow();
  }

  private void setVariable(String variable, byte[] bytes, ImageColumn column) throws SQLException {
    long packet = statements.largestPacket(connection);
    if (bytes.length > packet) {
      throw new SQLException(
          "A value of column %s has %d bytes, more than the server's max_allowed_packet of %d bytes."
                  .formatted(column.name(), bytes.length, packet)
              + " Increase max_allowed_packet and start the undo again.");
    }
    WritingSession.execute(connection, "SET " + variable + " = ''");
    try (PreparedStatement append =
        connection.prepareStatement(
            "SET " + variable + " = CONCAT(" + variable + ", CAST(? AS BINARY))")) {
      for (int from = 0; from < bytes.length; from += most) {
        append.setBytes(1, Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + most)));
        append.executeUpdate();
      }
    }
  }
}
