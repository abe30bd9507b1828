package dev.rowmill.upload;

import com.mysql.cj.MysqlType;
import com.mysql.cj.jdbc.JdbcConnection;
import com.mysql.cj.jdbc.exceptions.PacketTooBigException;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.database.ServerError;
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
import java.sql.SQLWarning;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  private static final int MICROS_DIGITS = 6;
  private static final Pattern TEMPORAL = Pattern.compile("time|datetime");
  private static final Pattern AT_ROW = Pattern.compile(" at row (\\d+)$");

  /** Begins the names of columns in a download of changes, which have the name of a column. */
  private static final List<String> OF_CHANGES = List.of("key.", "before.", "after.");

  private final DataSource data;
  private final Uploads uploads;
  private final AliveUpload upload;
  private final LineReader lines;
  private final UploadConfig limits;
  private final List<LineError> errors = new ArrayList<>();
  private final List<UploadColumn> columns = new ArrayList<>();
  private final List<@Nullable ValueCheck> checks = new ArrayList<>();
  private final List<LineReader.Line> buffer = new ArrayList<>();
  private long buffered;

  /** Counts the characters of all values: a file that is compressed may have few bytes. */
  private long characters;

  UploadLoader(
      DataSource data, Uploads uploads, AliveUpload upload, LineReader lines, UploadConfig limits) {
    this.data = data;
    this.uploads = uploads;
    this.upload = upload;
    this.lines = lines;
    this.limits = limits;
  }

  List<UploadColumn> columns() {
    return columns;
  }

  List<LineError> errors() {
    return errors;
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
    } catch (SQLException e) {
      if (!ServerError.ER_TOO_MANY_FIELDS.is(e) && !ServerError.ER_TOO_BIG_ROWSIZE.is(e)) {
        throw e;
      }
      error(1, "no table can have all columns of the file: " + message(e));
      return;
    }
    try {
      for (LineReader.Line line = lines.next(); line != null; line = lines.next()) {
        upload.line();
        long size = characters(line);
        characters += size;
        if (upload.lines() > limits.maxLines()) {
          error(line.number(), "the file has more than " + limits.maxLines() + " lines");
          return;
        } else if (characters > limits.maxBytes()) {
          error(
              line.number(),
              "the values of the file have more than %d characters, the limit of"
                      .formatted(limits.maxBytes())
                  + " rowmill.upload.max-bytes, which also holds for a compressed file; split it");
          return;
        }
        add(line, size);
        if (errors.size() >= MOST_ERRORS) {
          return;
        }
      }
    } catch (BrokenFileException e) {
      error(e.line(), String.valueOf(e.getMessage()));
      return;
    }
    if (upload.lines() == 0) {
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
      Column column =
          column(target, named.getOrDefault(lower, name))
              .or(() -> column(target, ofChanges(lower)))
              .orElse(null);
      String mismatch = column == null ? null : mismatch(column, lines.values(columns.size()));
      if (mismatch != null) {
        error(1, "column " + name + ": " + mismatch);
      }
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

  private static Optional<Column> column(List<Column> target, String name) {
    return target.stream().filter(each -> each.name().equalsIgnoreCase(name)).findFirst();
  }

  /** Returns why no value of the file can be one of a column; null if they may be. */
  private static @Nullable String mismatch(Column column, LineReader.Values values) {
    boolean binary = ValueCheck.isBinary(column.type());
    if (binary && values == LineReader.Values.TEXT) {
      return "the file has text, but %s is %s".formatted(column.name(), column.fullType());
    }
    return !binary && values == LineReader.Values.BYTES
        ? "the file has bytes that it does not mark as text, but %s is %s"
            .formatted(column.name(), column.fullType())
        : null;
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
    return TableName.quoted(Upload.rowsTable(upload.id()));
  }

  private void add(LineReader.Line line, long size) throws SQLException {
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
    buffered += bytes(line, size);
    if (buffer.size() == ROWS_A_TRANSACTION || buffered > BYTES_A_TRANSACTION) {
      store();
    }
  }

  private static long bytes(LineReader.Line line, long size) {
    return (long) VALUE_BYTES * line.values().length + size;
  }

  private static long characters(LineReader.Line line) {
    long characters = 0;
    for (String value : line.values()) {
      characters += value == null ? 0 : value.length();
    }
    return characters;
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
            LineReader.Line row = rows.get(to++);
            size += bytes(row, characters(row));
          }
          insert(connection, rows.subList(from, to));
          from = to;
        }
        uploads.progress(connection, upload.id(), upload.lines(), upload.bytes());
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
                    + String.join(", ", Collections.nCopies(rows.size(), rowOfMarks())))) {
      int parameter = 0;
      for (LineReader.Line row : rows) {
        insert.setLong(++parameter, row.number());
        for (int i = 0; i < columns.size(); i++) {
          bind(insert, ++parameter, columns.get(i), row.values()[i]);
        }
      }
      insert.executeUpdate();
      warnings(insert, rows);
    } catch (SQLException e) {
      if (!isOfLine(e)) {
        throw e;
      } else if (rows.size() > 1) {
        insert(connection, rows.subList(0, rows.size() / 2));
        insert(connection, rows.subList(rows.size() / 2, rows.size()));
      } else if (errors.size() < MOST_ERRORS) {
        error(rows.get(0).number(), message(e));
      }
    }
  }

  private static boolean isOfLine(SQLException e) {
    return DatabaseFailure.isAny(e, DatabaseFailure.DATA)
        || ServerError.ER_TOO_BIG_ROWSIZE.is(e)
        || e instanceof PacketTooBigException;
  }

  /** Adds an error for each value that the server has cut, which it tells in a warning. */
  private void warnings(PreparedStatement insert, List<LineReader.Line> rows) throws SQLException {
    for (SQLWarning warning = insert.getWarnings();
        warning != null && errors.size() < MOST_ERRORS;
        warning = warning.getNextWarning()) {
      Matcher row = AT_ROW.matcher(String.valueOf(warning.getMessage()));
      if (ServerError.WARN_DATA_TRUNCATED.is(warning) && row.find()) {
        error(rows.get(Integer.parseInt(row.group(1)) - 1).number(), message(warning));
      }
    }
  }

  /** Returns the server's message with the names of the file's columns. */
  private String message(SQLException e) {
    String named = String.valueOf(e.getMessage());
    for (UploadColumn column : columns) {
      named = named.replace("'" + column.stored() + "'", "'" + column.name() + "'");
    }
    return AT_ROW.matcher(named).replaceFirst("");
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
      insert.setString(parameter, value == null ? null : spelled(column, value));
    }
  }

  /** Spells a value so that the server understands it without a warning. */
  private static String spelled(UploadColumn column, String value) {
    if (value.equals("0") && column.type().startsWith("year")) {
      // As a text, it would be the year 2000.
      return "0000";
    }
    // The digits beyond microseconds are zeros.
    int end = value.indexOf('.') + 1 + MICROS_DIGITS;
    return TEMPORAL.matcher(column.type()).lookingAt()
            && end > MICROS_DIGITS
            && end < value.length()
        ? value.substring(0, end)
        : value;
  }
}
