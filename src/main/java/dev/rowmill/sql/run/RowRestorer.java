package dev.rowmill.sql.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.database.Connections;
import dev.rowmill.database.ServerKind;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.RowImage.Kind;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.sql.value.TypedJson;
import dev.rowmill.task.Image;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.StatementTag;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Restores rows from an image, in the caller's transaction. Reads each row under a lock, and writes
 * the rows that are still as the image recorded them. For one thread.
 */
public final class RowRestorer {

  /** Represents the action for a row that was changed by someone else since. */
  public enum OnConflict {
    /** Leaves the row and reports it. */
    @JsonProperty("skip")
    SKIP,
    /** Stops the undo. */
    @JsonProperty("stop")
    STOP,
    /** Restores the old value anyway. */
    @JsonProperty("overwrite")
    OVERWRITE
  }

  /**
   * Describes a row that was not restored.
   *
   * @param key JSON object of the key's columns and their values as text
   * @param reason {@code changed}, {@code gone}, {@code taken} or {@code refused}
   * @param detail explanation in English
   */
  public record Conflict(String key, String reason, String detail) {}

  /**
   * Holds the result of restoring a number of rows.
   *
   * @param rows number of restored rows
   * @param image image of the changes; null if nothing changed
   */
  public record Restored(long rows, List<Conflict> conflicts, @Nullable Image image) {}

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ROW = "kept";

  /** Begins the name of a user variable for a large value; the index of the column follows. */
  private static final String VARIABLE = "@rowmill_value_";

  // Values are restored as they were stored, even if a session would reject them from a caller.
  // Examples are zero dates, an ENUM's empty value, and a zero in an AUTO_INCREMENT column. Instead
  // of strict mode, rows are read again.
  private static final String PREPARE =
      "SET @rowmill_zone = @@time_zone, @rowmill_mode = @@sql_mode, time_zone = '+00:00',"
          + " sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO'";

  private static final String PUT_BACK = "SET time_zone = @rowmill_zone, sql_mode = @rowmill_mode";

  /** Makes the statement that writes rows. */
  private interface Writing {
    /**
     * Returns the statement.
     *
     * @param value SQL for the value of a column, by its index
     */
    String sql(IntFunction<String> value);
  }

  private final RunStatements statements;
  private final List<RowImage> images;

  /** Holds the state of one restore call for one section of the image. */
  private final class Section {
    final Connection connection;
    final RowImage image;
    final OnConflict onConflict;
    final List<Conflict> conflicts = new ArrayList<>();
    final List<RowImage.Row> updated = new ArrayList<>();
    final List<RowImage.Row> deleted = new ArrayList<>();
    final List<RowImage.Row> inserted = new ArrayList<>();
    long restored;

    Section(Connection connection, RowImage image, OnConflict onConflict) {
      this.connection = connection;
      this.image = image;
      this.onConflict = onConflict;
    }

    void restore(List<RowImage.Row> newestFirst) throws SQLException {
      switch (image.kind()) {
        case UPDATED -> undoUpdate(newestFirst);
        case DELETED -> undoDelete(newestFirst);
        case INSERTED -> undoInsert(newestFirst);
      }
    }

    private void undoUpdate(List<RowImage.Row> wanted) throws SQLException {
      KeyedRows now = lock(wanted, image.columns());
      List<RowImage.Row> back = new ArrayList<>();
      List<KeyedRows.Row> were = new ArrayList<>();
      for (int i = 0; i < wanted.size(); i++) {
        RowImage.Row row = wanted.get(i);
        KeyedRows.Row is = now.find(row.key(), i);
        if (is == null) {
          conflict(row, "gone", "the row is there no more");
          continue;
        }
        String changed = changedColumns(row, is);
        if (!changed.isEmpty() && onConflict != OnConflict.OVERWRITE) {
          conflict(row, "changed", "changed since: " + changed);
          continue;
        }
        back.add(row);
        were.add(is);
      }
      update(back);
      noteUpdated(back, were, readBack(back));
    }

    /**
     * Reads restored rows again. A trigger, or an equivalent definition of the table, may have
     * altered them.
     *
     * @return the rows, in the same order
     */
    private List<KeyedRows.Row> readBack(List<RowImage.Row> back) throws SQLException {
      KeyedRows now = lock(back, image.columns());
      List<KeyedRows.Row> read = new ArrayList<>();
      for (int i = 0; i < back.size(); i++) {
        RowImage.Row row = back.get(i);
        KeyedRows.Row is = now.find(row.key(), i);
        if (is == null || !isAsBefore(is, row)) {
          throw new SQLDataException(
              "the table does not take row " + keyOf(image, row) + " back as it was", "22000");
        }
        read.add(is);
      }
      return read;
    }

    private boolean isAsBefore(KeyedRows.Row is, RowImage.Row row) {
      for (int i = 0; i < image.columns().size(); i++) {
        if (!image.columns().get(i).isSame(is.values()[i], row.before()[i])) {
          return false;
        }
      }
      return true;
    }

    private String changedColumns(RowImage.Row row, KeyedRows.Row is) {
      return IntStream.range(0, image.columns().size())
          .filter(i -> !Arrays.equals(row.after()[i], RowImage.mark(is.values()[i])))
          .mapToObj(i -> image.columns().get(i).name())
          .collect(Collectors.joining(", "));
    }

    private void noteUpdated(
        List<RowImage.Row> back, List<KeyedRows.Row> were, List<KeyedRows.Row> are) {
      for (int i = 0; i < back.size(); i++) {
        byte[][] before = were.get(i).values();
        byte[][] after = are.get(i).values();
        if (!KeyedRows.equal(before, after)) {
          updated.add(RowImage.updated(back.get(i).key(), before, after));
        }
      }
    }

    private void undoDelete(List<RowImage.Row> wanted) throws SQLException {
      boolean overwrite = onConflict == OnConflict.OVERWRITE;
      KeyedRows now = lock(wanted, overwrite ? image.columns() : List.of());
      List<RowImage.Row> back = new ArrayList<>();
      List<RowImage.Row> over = new ArrayList<>();
      List<KeyedRows.Row> were = new ArrayList<>();
      for (int i = 0; i < wanted.size(); i++) {
        RowImage.Row row = wanted.get(i);
        KeyedRows.Row is = now.find(row.key(), i);
        if (is == null) {
          back.add(row);
        } else if (overwrite) {
          over.add(row);
          were.add(is);
        } else {
          conflict(row, "taken", "there is a row with this key again");
        }
      }
      update(over);
      List<ImageColumn> columns = keysAndColumns();
      var cells = new JsonRowTable(columns);
      String into =
          "INSERT INTO "
              + image.table().quoted()
              + " ("
              + columns.stream()
                  .map(column -> TableName.quoted(column.name()))
                  .collect(Collectors.joining(", "))
              + ") SELECT ";
      write(
          back,
          cells,
          value ->
              into
                  + IntStream.range(0, columns.size())
                      .mapToObj(value)
                      .collect(Collectors.joining(", "))
                  + " FROM "
                  + cells.from());
      List<KeyedRows.Row> are = readBack(back);
      for (int i = 0; i < back.size(); i++) {
        inserted.add(RowImage.inserted(back.get(i).key(), are.get(i).values()));
      }
      noteUpdated(over, were, readBack(over));
    }

    private void undoInsert(List<RowImage.Row> wanted) throws SQLException {
      KeyedRows now = lock(wanted, image.columns());
      List<RowImage.Row> away = new ArrayList<>();
      for (int i = 0; i < wanted.size(); i++) {
        RowImage.Row row = wanted.get(i);
        KeyedRows.Row is = now.find(row.key(), i);
        if (is == null) {
          conflict(row, "gone", "the row is there no more");
        } else if (onConflict != OnConflict.OVERWRITE
            && !Arrays.equals(row.after()[0], RowImage.mark(is.values()))) {
          conflict(row, "changed", "changed since");
        } else {
          away.add(row);
          deleted.add(RowImage.deleted(row.key(), is.values()));
        }
      }
      var cells = new JsonRowTable(image.keys());
      String delete = "DELETE " + TableName.quoted(ROW) + " FROM " + cells.joined(image, ROW);
      write(away, cells, value -> delete);
    }

    private void update(List<RowImage.Row> back) throws SQLException {
      int keys = image.keys().size();
      var cells = new JsonRowTable(keysAndColumns());
      String update = "UPDATE " + cells.joined(image, ROW) + " SET ";
      write(
          back,
          cells,
          value ->
              update
                  + IntStream.range(0, image.columns().size())
                      .mapToObj(i -> image.columns().get(i).in(ROW) + " = " + value.apply(keys + i))
                      .collect(Collectors.joining(", ")));
    }

    private List<ImageColumn> keysAndColumns() {
      return Stream.concat(image.keys().stream(), image.columns().stream()).toList();
    }

    /** Returns the rows as they are now, locked until the end of the transaction. */
    private KeyedRows lock(List<RowImage.Row> wanted, List<ImageColumn> columns)
        throws SQLException {
      var cells = new JsonRowTable(image.keys());
      // MySQL can't lock the rows of a document, and MariaDB can't name the table to lock.
      boolean mariaDb = ServerKind.isMariaDb(connection);
      String sql =
          KeyedRows.select(image.keys(), columns, ROW)
              + " FROM "
              + cells.joined(image, ROW)
              + " FOR UPDATE"
              + (mariaDb ? "" : " OF " + TableName.quoted(ROW));
      var now = new KeyedRows();
      for (String document :
          cells.documents(
              wanted.stream().<byte[] @Nullable []>map(RowImage.Row::key)::iterator,
              mostCharacters())) {
        now.add(
            statements.bound(connection, sql, List.of(new BoundText.Value(document))),
            image.keys(),
            columns);
      }
      return now;
    }

    private int mostCharacters() throws SQLException {
      return JsonRowTable.mostCharacters(statements.largestPacket(connection));
    }

    /**
     * Writes rows, as many at a time as fit into a packet. Rows that do not fit, or that need a
     * statement of their own, are written alone.
     */
    private void write(List<RowImage.Row> all, JsonRowTable cells, Writing writing)
        throws SQLException {
      int most = mostCharacters();
      String together = writing.sql(cells::written);
      List<byte[][]> some = new ArrayList<>();
      long characters = 0;
      for (RowImage.Row row : all) {
        byte[][] values = values(row, cells.columns().size());
        long more = JsonRowTable.characters(values);
        boolean alone = more > most || isTyped(values, cells);
        if (alone || characters + more > most) {
          write(some, together, cells);
          some.clear();
          characters = 0;
        }
        if (alone) {
          writeAlone(values, cells, writing, most);
        } else {
          some.add(values);
          characters += more;
        }
      }
      write(some, together, cells);
      restored += all.size();
    }

    private void write(List<byte[][]> some, String sql, JsonRowTable cells) throws SQLException {
      for (String document : cells.documents(some, Integer.MAX_VALUE)) {
        statements
            .boundOnce(connection, sql, List.of(new BoundText.Value(document)))
            .executeLargeUpdate();
      }
    }

    /** Writes a row after sending its large values to the server in pieces. */
    private void writeAlone(byte[][] values, JsonRowTable cells, Writing writing, int most)
        throws SQLException {
      byte[][] small = values.clone();
      Map<Integer, String> written = new HashMap<>();
      while (JsonRowTable.characters(small) > most) {
        int largest = largest(small);
        byte[] bytes = cells.columns().get(largest).bytes(small[largest]);
        setVariable(VARIABLE + largest, bytes, cells.columns().get(largest));
        written.put(largest, cells.columns().get(largest).writtenBytes(VARIABLE + largest));
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
      write(row, writing.sql(i -> written.getOrDefault(i, cells.written(i))), cells);
      for (int variable : variables) {
        execute(connection, "SET " + VARIABLE + variable + " = NULL");
      }
    }

    private static boolean isTyped(byte[][] values, JsonRowTable cells) {
      return IntStream.range(0, values.length)
          .anyMatch(i -> cells.columns().get(i).isTyped(values[i]));
    }

    private static int largest(byte[][] values) {
      return IntStream.range(0, values.length)
          .boxed()
          .max(Comparator.comparingInt(i -> values[i] == null ? -1 : values[i].length))
          .orElseThrow();
    }

    private void setVariable(String variable, byte[] bytes, ImageColumn column)
        throws SQLException {
      long packet = statements.largestPacket(connection);
      if (bytes.length > packet) {
        throw new SQLException(
            "A value of column %s has %d bytes, and the server's max_allowed_packet is %d: set that"
                    .formatted(column.name(), bytes.length, packet)
                + " to more, and undo once more");
      }
      execute(connection, "SET " + variable + " = ''");
      int piece = mostCharacters();
      try (PreparedStatement append =
          connection.prepareStatement(
              "SET " + variable + " = CONCAT(" + variable + ", CAST(? AS BINARY))")) {
        for (int from = 0; from < bytes.length; from += piece) {
          append.setBytes(1, Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + piece)));
          append.executeUpdate();
        }
      }
    }

    private byte[][] values(RowImage.Row row, int columns) {
      byte[][] values = Arrays.copyOf(row.key(), columns);
      int keys = row.key().length;
      System.arraycopy(row.before(), 0, values, keys, columns - keys);
      return values;
    }

    private void conflict(RowImage.Row row, String reason, String detail) {
      ObjectNode key = keyOf(image, row);
      if (onConflict == OnConflict.STOP) {
        throw new Refusal(
            "undo-conflict", Map.of("key", JSON.convertValue(key, Map.class), "reason", reason));
      }
      conflicts.add(new Conflict(key.toString(), reason, detail));
    }

    private List<RowImage> images() {
      List<RowImage> done = new ArrayList<>();
      add(done, Kind.UPDATED, updated);
      add(done, Kind.DELETED, deleted);
      add(done, Kind.INSERTED, inserted);
      return done;
    }

    private void add(List<RowImage> done, Kind kind, List<RowImage.Row> changed) {
      if (!changed.isEmpty()) {
        // In the order of the changes, so that the newest is the last.
        done.add(
            new RowImage(
                kind, image.table(), image.index(), image.keys(), image.columns(), changed));
      }
    }
  }

  /**
   * @param image image that a run of SQL has stored
   */
  public RowRestorer(byte[] image) {
    this(image, new RunStatements());
  }

  private RowRestorer(byte[] image, RunStatements statements) {
    this.statements = statements;
    images = RowImage.read(image);
  }

  /**
   * Returns a restorer for another image that reuses the prepared statements: a connection holds
   * only a limited number of them.
   */
  public RowRestorer of(byte[] other) {
    return new RowRestorer(other, statements);
  }

  /** Sets the chunk that comes next. */
  public void mark(StatementTag mark) {
    statements.mark(mark);
  }

  /**
   * Checks that the tables are still as they were when their rows were stored.
   *
   * @throws Refusal {@code undo-table-changed}; {@code undo-impossible} if deleting rows would
   *     delete others through a foreign key
   */
  public void check(Connection connection) throws SQLException {
    var catalog = new Catalog(connection);
    for (RowImage image : images) {
      if (image.kind() == Kind.INSERTED && catalog.deletesReachOthers(image.table())) {
        throw new Refusal(
            "undo-impossible",
            Map.of(),
            List.of(Refusal.Reason.of("undo-cascade", "table", image.table().written())));
      }
      List<Column> columns = catalog.columns(image.table());
      for (ImageColumn kept :
          Stream.concat(image.keys().stream(), image.columns().stream()).toList()) {
        Optional<ImageColumn> now =
            columns.stream()
                .map(ImageColumn::of)
                .filter(column -> column.name().equalsIgnoreCase(kept.name()))
                .findFirst();
        if (now.isEmpty() || !now.get().takes(kept)) {
          throw new Refusal(
              "undo-table-changed",
              Map.of("table", image.table().written(), "column", kept.name()));
        }
      }
    }
  }

  /**
   * Restores rows, the last of the image first.
   *
   * @param from number of rows, counted from the end, that were processed before
   * @param to number of rows, counted from the end, to process in all
   * @throws Refusal {@code undo-conflict}, if a conflict is to stop the undo; the caller rolls back
   */
  public Restored restore(Connection connection, int from, int to, OnConflict onConflict)
      throws SQLException {
    List<Conflict> conflicts = new ArrayList<>();
    List<RowImage> changed = new ArrayList<>();
    long restored = 0;
    execute(connection, PREPARE);
    try {
      // Positions are counted from the end.
      int sectionEnd = 0;
      for (int i = images.size() - 1; i >= 0; i--) {
        RowImage image = images.get(i);
        int size = image.rows().size();
        int first = Math.max(from - sectionEnd, 0);
        int last = Math.min(to - sectionEnd, size);
        sectionEnd += size;
        if (first >= last) {
          continue;
        }
        List<RowImage.Row> newestFirst =
            new ArrayList<>(image.rows().subList(size - last, size - first));
        Collections.reverse(newestFirst);
        var section = new Section(connection, image, onConflict);
        section.restore(newestFirst);
        restored += section.restored;
        conflicts.addAll(section.conflicts);
        changed.addAll(section.images());
      }
    } finally {
      putBack(connection);
    }
    return new Restored(restored, conflicts, image(changed));
  }

  private static @Nullable Image image(List<RowImage> changed) {
    int count = changed.stream().mapToInt(each -> each.rows().size()).sum();
    return count == 0 ? null : new Image(count, RowImage.write(changed));
  }

  /** Returns the key of a row, counted from the end, in the format of a conflict. */
  public String key(int place) {
    int left = place;
    for (int i = images.size() - 1; i >= 0; i--) {
      RowImage image = images.get(i);
      int size = image.rows().size();
      if (left < size) {
        RowImage.Row row = image.rows().get(size - 1 - left);
        return keyOf(image, row).toString();
      }
      left -= size;
    }
    throw new IllegalArgumentException("no row " + place);
  }

  private static ObjectNode keyOf(RowImage image, RowImage.Row row) {
    ObjectNode key = JSON.createObjectNode();
    for (int i = 0; i < image.keys().size(); i++) {
      key.put(image.keys().get(i).name(), image.keys().get(i).shown(row.key()[i]));
    }
    return key;
  }

  /**
   * Restores the session's settings. Aborts the connection if that fails, so that no changed
   * session is reused.
   */
  private static void putBack(Connection connection) throws SQLException {
    try {
      execute(connection, PUT_BACK);
    } catch (SQLException e) {
      Connections.abort(connection);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
