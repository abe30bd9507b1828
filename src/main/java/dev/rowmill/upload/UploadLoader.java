package dev.rowmill.upload;

import com.mysql.cj.MysqlType;
import com.mysql.cj.jdbc.JdbcConnection;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.files.BrokenFileException;
import dev.rowmill.files.LineReader;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.WritingSession;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.upload.Uploads.LineError;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Reads the lines of one file into the table of its upload. Checks each value, and collects the
 * errors of lines. Holds a connection only while it stores rows, so a slow client holds none. For
 * one thread.
 */
final class UploadLoader {

  /** Limits the errors that are collected. */
  static final int MOST_ERRORS = 10_000;

  private static final int ROWS_A_TRANSACTION = 10_000;
  private static final int ROWS_A_STATEMENT = 1000;
  private static final int BYTES_A_STATEMENT = 1 << 20;
  private static final int BYTES_A_TRANSACTION = 8 << 20;

  /** Limits the question marks of a statement. */
  private static final int VALUES_A_STATEMENT = 20_000;

  private static final int VALUE_BYTES = 16;

  /** Begins the names of columns in a download of changes, which have the name of a column. */
  private static final List<String> OF_CHANGES = List.of("key.", "before.", "after.");

  private final DataSource data;
  private final Uploads uploads;
  private final long id;
  private final ReceivedFile file;
  private final LineReader lines;
  private final List<LineError> errors = new ArrayList<>();
  private final List<UploadColumn> columns = new ArrayList<>();
  private final List<@Nullable ValueCheck> checks = new ArrayList<>();
  private final List<LineReader.Line> buffer = new ArrayList<>();
  private long buffered;
  private long count;

  UploadLoader(DataSource data, Uploads uploads, long id, ReceivedFile file, LineReader lines) {
    this.data = data;
    this.uploads = uploads;
    this.id = id;
    this.file = file;
    this.lines = lines;
  }

  List<UploadColumn> columns() {
    return columns;
  }

  List<LineError> errors() {
    return errors;
  }

  long lines() {
    return count;
  }

  /**
   * Reads the file to its end, or until there are too many errors.
   *
   * @param target columns of the table that the file is read for
   * @param named column of the target by the name of a column of the file, in lower case
   */
  void load(List<Column> target, Map<String, String> named) throws IOException, SQLException {
    if (!header(target, named)) {
      return;
    }
    try (Connection connection = data.getConnection()) {
      createTable(connection);
    }
    try {
      for (LineReader.Line line = lines.next(); line != null; line = lines.next()) {
        count++;
        add(line);
        if (errors.size() >= MOST_ERRORS) {
          return;
        }
      }
    } catch (BrokenFileException e) {
      error(e.line(), String.valueOf(e.getMessage()));
      return;
    }
    if (count == 0) {
      error(1, "the file has no lines after its header");
    }
    store();
  }

  private void error(long line, String message) {
    errors.add(new LineError(0, line, message));
  }

  /** Finds the columns' types, and returns whether there are no errors. */
  private boolean header(List<Column> target, Map<String, String> named) {
    Set<String> seen = new HashSet<>();
    for (String name : lines.columns()) {
      String lower = name.toLowerCase(Locale.ROOT);
      if (name.isEmpty()) {
        error(1, "column " + (columns.size() + 1) + " has no name");
      } else if (!seen.add(lower)) {
        error(1, "the column " + name + " is there twice");
      }
      String like = named.getOrDefault(lower, ofChanges(lower));
      Column column =
          target.stream()
              .filter(each -> each.name().equalsIgnoreCase(like))
              .findFirst()
              .orElse(null);
      int number = columns.size() + 1;
      boolean same = column != null && column.name().equalsIgnoreCase(name);
      columns.add(
          column == null
              ? UploadColumn.ofText(name, number)
              : UploadColumn.like(name, number, column));
      checks.add(column == null ? null : new ValueCheck(column, column.nullable() || !same));
    }
    named.keySet().stream()
        .filter(name -> !seen.contains(name))
        .forEach(name -> error(1, "the file has no column " + name));
    return errors.isEmpty();
  }

  private static String ofChanges(String name) {
    return OF_CHANGES.stream()
        .filter(name::startsWith)
        .map(prefix -> name.substring(prefix.length()))
        .findFirst()
        .orElse(name);
  }

  private void createTable(Connection connection) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE "
              + table()
              + " (`line` BIGINT NOT NULL PRIMARY KEY, "
              + columns.stream().map(UploadColumn::definition).collect(Collectors.joining(", "))
              + ") ENGINE = InnoDB");
    }
  }

  private String table() {
    return TableName.quoted(Upload.rowsTable(id));
  }

  private void add(LineReader.Line line) throws SQLException {
    String problem = line.problem();
    for (int i = 0; problem == null && i < checks.size(); i++) {
      ValueCheck check = checks.get(i);
      problem = check == null ? null : check.problem(line.values()[i]);
    }
    if (problem != null) {
      error(line.number(), problem);
      return;
    }
    if (!errors.isEmpty()) {
      return;
    }
    buffer.add(line);
    buffered += bytes(line);
    if (buffer.size() == ROWS_A_TRANSACTION || buffered > BYTES_A_TRANSACTION) {
      store();
    }
  }

  private static long bytes(LineReader.Line line) {
    long bytes = 0;
    for (String value : line.values()) {
      bytes += VALUE_BYTES + (value == null ? 0 : value.length());
    }
    return bytes;
  }

  /** Stores the rows of the buffer in one transaction. */
  private void store() throws SQLException {
    List<LineReader.Line> rows = List.copyOf(buffer);
    buffer.clear();
    buffered = 0;
    try (Connection connection = data.getConnection();
        var session = WritingSession.strictInUtc(connection)) {
      connection.setAutoCommit(false);
      try {
        int most = Math.max(1, Math.min(ROWS_A_STATEMENT, VALUES_A_STATEMENT / columns.size()));
        int from = 0;
        while (from < rows.size()) {
          int to = from;
          long size = 0;
          while (to < rows.size() && to - from < most && (to == from || size < BYTES_A_STATEMENT)) {
            size += bytes(rows.get(to++));
          }
          insert(connection, rows.subList(from, to));
          from = to;
        }
        uploads.progress(connection, id, count, file.bytes());
        connection.commit();
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    }
  }

  /** Inserts rows. If the server rejects some, finds them by halves. */
  private void insert(Connection connection, List<LineReader.Line> rows) throws SQLException {
    try (PreparedStatement insert =
        connection
            .unwrap(JdbcConnection.class)
            .clientPrepareStatement(
                "INSERT INTO "
                    + table()
                    + " VALUES "
                    + String.join(
                        ", ", java.util.Collections.nCopies(rows.size(), rowOfMarks())))) {
      int parameter = 0;
      for (LineReader.Line row : rows) {
        insert.setLong(++parameter, row.number());
        for (int i = 0; i < columns.size(); i++) {
          bind(insert, ++parameter, columns.get(i), row.values()[i]);
        }
      }
      insert.executeUpdate();
    } catch (SQLException e) {
      if (!DatabaseFailure.isAny(e, DatabaseFailure.DATA)) {
        throw e;
      } else if (rows.size() > 1) {
        insert(connection, rows.subList(0, rows.size() / 2));
        insert(connection, rows.subList(rows.size() / 2, rows.size()));
      } else if (errors.size() < MOST_ERRORS) {
        error(rows.get(0).number(), message(String.valueOf(e.getMessage())));
      }
    }
  }

  /** Returns the server's message with the names of the file's columns. */
  private String message(String text) {
    String named = text;
    for (UploadColumn column : columns) {
      named = named.replace("'" + column.stored() + "'", "'" + column.name() + "'");
    }
    return named.replaceAll(" at row \\d+$", "");
  }

  private String rowOfMarks() {
    return columns.stream()
        // A text with digits would be stored as the bits of its characters.
        .map(column -> column.type().startsWith("bit") ? "CAST(? AS UNSIGNED)" : "?")
        .collect(Collectors.joining(", ", "(?, ", ")"));
  }

  private static void bind(
      PreparedStatement insert, int parameter, UploadColumn column, @Nullable String value)
      throws SQLException {
    if (value != null && ValueCheck.isBinary(column.type().replaceAll("\\W.*", ""))) {
      insert.setObject(parameter, Base64.getDecoder().decode(value), MysqlType.BLOB);
    } else {
      insert.setString(parameter, value);
    }
  }
}
