package dev.rowmill.sql.run;

import com.mysql.cj.conf.PropertyKey;
import com.mysql.cj.jdbc.JdbcConnection;
import com.mysql.cj.jdbc.JdbcStatement;
import dev.rowmill.database.ServerError;
import dev.rowmill.database.ServerKind;
import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.ParsedStatement.Kind;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.TableKind;
import dev.rowmill.sql.value.RunStatements;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Counts the rows that a statement with IGNORE has skipped because of an error. The count comes
 * from the statement's warnings or, where MariaDB gives none, from the rows that it tried to write.
 * Has the thread safety of a {@link dev.rowmill.task.ChunkedRun}.
 */
final class IgnoredRows {

  /**
   * Lists the errors that leave a row unchanged, or leave it out. Other errors changed a value
   * while it was written.
   */
  private static final Set<ServerError> SKIPPING =
      Set.of(
          ServerError.HA_ERR_AUTOINC_ERANGE,
          ServerError.ER_DUP_KEY,
          ServerError.ER_DUP_ENTRY,
          ServerError.ER_DUP_ENTRY_WITH_KEY_NAME,
          ServerError.ER_NO_REFERENCED_ROW,
          ServerError.ER_ROW_IS_REFERENCED,
          ServerError.ER_ROW_IS_REFERENCED_2,
          ServerError.ER_NO_REFERENCED_ROW_2,
          ServerError.ER_FOREIGN_DUPLICATE_KEY_WITH_CHILD_INFO,
          ServerError.ER_FOREIGN_DUPLICATE_KEY_WITHOUT_CHILD_INFO,
          ServerError.ER_VIEW_CHECK_FAILED,
          ServerError.ER_NO_PARTITION_FOR_GIVEN_VALUE,
          ServerError.ER_NO_PARTITION_FOR_GIVEN_VALUE_SILENT,
          ServerError.ER_ROW_DOES_NOT_MATCH_GIVEN_PARTITION_SET,
          ServerError.ER_CHECK_CONSTRAINT_VIOLATED,
          ServerError.ER_CONSTRAINT_FAILED);

  private static final Pattern NUMBER = Pattern.compile("\\d+");

  /** Represents how skipped rows are counted. */
  private enum Way {
    /** Counts nothing, as the statement has no IGNORE. */
    NONE,
    WARNINGS,
    /** Counts, on MariaDB, rows that the server tried to write and did not change. */
    WRITES,
    /** Uses, on MariaDB, the warnings, which are complete only if all matching rows changed. */
    MATCHES,
    UNKNOWN
  }

  /**
   * Holds the effect of a statement.
   *
   * @param changed number of changed rows
   * @param ignored number of rows skipped because of errors; null if unknown
   * @param met number of processed rows, of the rows that a LIMIT counts
   * @param matched number of rows that an UPDATE found, changed or not; {@link #UNKNOWN} if the
   *     server's message does not show it
   */
  record Counted(long changed, @Nullable Long ignored, long met, long matched) {
    static final long UNKNOWN = -1;
  }

  private final ChunkableStatement statement;
  private @Nullable Way way;
  private boolean mariaDb;
  private long writesBefore;
  private int mostRows;

  IgnoredRows(ChunkableStatement statement) {
    this.statement = statement;
  }

  /**
   * Returns whether MariaDB's counts and warnings separate changed rows from skipped rows. They do
   * not if MariaDB runs the statement on several tables, as it may for a subquery.
   */
  static boolean isOfOneTable(ChunkableStatement statement) {
    ParsedStatement parsed = statement.parsed();
    return !parsed.hasSeveralSources()
        && parsed.subqueryTables().isEmpty()
        && (parsed.kind() != Kind.DELETE || parsed.deletesFromOne());
  }

  /** Returns the maximum number of rows of a chunk: as many as the session stores warnings. */
  int mostRows(Connection connection, RunStatements statements) throws SQLException {
    if (mostRows == 0 && statement.parsed().ignore()) {
      try (ResultSet row =
          statements
              .bound(connection, "SELECT @@SESSION.max_error_count", List.of())
              .executeQuery()) {
        row.next();
        mostRows = Math.max(1, row.getInt(1));
      }
    }
    return mostRows == 0 ? Integer.MAX_VALUE : mostRows;
  }

  /**
   * Prepares for the statement, which must be next on the connection.
   *
   * @return SQL to be added to its condition. It is always true, and makes MariaDB read the columns
   *     that it writes, so that unchanged values are not written
   */
  String before(Connection connection, RunStatements statements) throws SQLException {
    Way how = way;
    if (how == null) {
      mariaDb = ServerKind.isMariaDb(connection);
      how = way(connection);
      way = how;
    }
    if (how != Way.WRITES) {
      return "";
    }
    writesBefore = writes(connection, statements);
    return statement.assigned().stream()
        .map(
            column ->
                " AND IF(LENGTH("
                    + TableName.quoted(statement.qualifier())
                    + "."
                    + TableName.quoted(column)
                    + "), 1, 1)")
        .collect(Collectors.joining());
  }

  private Way way(Connection connection) throws SQLException {
    ParsedStatement parsed = statement.parsed();
    if (!parsed.ignore()) {
      return Way.NONE;
    }
    if (!mariaDb || parsed.kind().inserts()) {
      return Way.WARNINGS;
    }
    if (!isOfOneTable(statement)) {
      return Way.UNKNOWN;
    }
    if (parsed.kind() == Kind.DELETE) {
      return Way.WARNINGS;
    }
    var catalog = new Catalog(connection);
    TableName target = statement.target();
    // Triggers and histories write other rows, and partitions count each row twice.
    return statement.isUndivided()
            || catalog.isPartitioned(target)
            || catalog.kind(target).filter(TableKind::isVersioned).isPresent()
            || !catalog.triggers(target, parsed).isEmpty()
        ? Way.MATCHES
        : Way.WRITES;
  }

  /**
   * Counts rows. Must be called right after the statement.
   *
   * @param counted number of changed rows that the driver returned
   * @param rows number of rows of the chunk; if there is more than one, a smaller chunk can be
   *     retried
   * @throws SQLDataException if there are too many warnings to be counted
   */
  Counted after(
      Connection connection,
      RunStatements statements,
      PreparedStatement done,
      long counted,
      long rows)
      throws SQLException {
    boolean limited = statement.isUndivided() && statement.limit().isPresent();
    Kind kind = statement.parsed().kind();
    if (way == Way.NONE && !limited && kind != Kind.UPDATE) {
      return new Counted(counted, 0L, counted, Counted.UNKNOWN);
    }
    List<Long> message = messageNumbers(done);
    boolean deletes = kind == Kind.DELETE;
    long matched = message.isEmpty() ? 0 : message.get(0);
    Long ignored =
        switch (way == null ? Way.UNKNOWN : way) {
          case NONE -> Long.valueOf(0);
          // If no row matched, none was skipped.
          case UNKNOWN -> deletes || matched > 0 ? null : Long.valueOf(0);
          case WARNINGS -> byWarnings(connection, message, rows);
          case MATCHES, WRITES -> {
            Long some = byWarnings(connection, message, rows);
            long unchanged = message.size() > 1 ? matched - message.get(1) : 0;
            if (some == null || unchanged == 0) {
              yield some;
            }
            if (way == Way.MATCHES) {
              yield null;
            }
            long failed = writes(connection, statements) - writesBefore - message.get(1);
            // A trigger that is not visible to this account has written, too.
            yield failed < 0 || failed > unchanged ? null : Long.valueOf(some + failed);
          }
        };
    long skipped = ignored == null ? 0 : ignored;
    return new Counted(
        // For ON DUPLICATE KEY, rows that could not be inserted are not included.
        countsMatching(connection) ? Math.max(0, counted - skipped) : counted,
        ignored,
        // MariaDB continues with other rows in place of rows that it could not delete.
        deletes
            ? counted + (mariaDb ? 0 : skipped)
            // MySQL omits rows that it could not insert.
            : Math.max(matched, kind.inserts() ? counted + skipped : 0),
        kind == Kind.UPDATE && message.size() > 1 && message.get(1) == counted
            ? matched
            : Counted.UNKNOWN);
  }

  /** Returns whether matching rows, including skipped rows, are counted as changed. */
  private boolean countsMatching(Connection connection) throws SQLException {
    return statement.parsed().ignore()
        && (statement.parsed().kind() == Kind.UPDATE || !statement.parsed().onDuplicate().isEmpty())
        && !connection
            .unwrap(JdbcConnection.class)
            .getPropertySet()
            .getBooleanProperty(PropertyKey.useAffectedRows)
            .getValue();
  }

  /**
   * Returns the numbers of the server's message after a statement. For an UPDATE they are the
   * matching rows, the changed rows and the warnings. For an INSERT they are the selected rows, the
   * duplicates and the warnings. A DELETE has none. The text around the numbers may be in any
   * language.
   */
  static List<Long> messageNumbers(PreparedStatement done) throws SQLException {
    String info = done.unwrap(JdbcStatement.class).getResultSetInternal().getServerInfo();
    List<Long> numbers = new ArrayList<>();
    Matcher number = NUMBER.matcher(info == null ? "" : info);
    while (number.find()) {
      numbers.add(Long.valueOf(number.group()));
    }
    return numbers;
  }

  /**
   * Counts the skipped rows by the statement's warnings. Returns null if the server stored only
   * some of them and a smaller chunk is impossible.
   *
   * @param message numbers that the server reported after the statement
   * @throws SQLDataException if the server stored only some of them and a smaller chunk is possible
   */
  private @Nullable Long byWarnings(Connection connection, List<Long> message, long rows)
      throws SQLException {
    long ignored = 0;
    long all = 0;
    // Not prepared: SHOW WARNINGS would then show the warnings of the prepare.
    try (Statement show = connection.createStatement()) {
      long count = message.size() > 2 ? message.get(2) : 0;
      if (statement.parsed().kind() == Kind.DELETE) {
        try (ResultSet row = show.executeQuery("SHOW COUNT(*) WARNINGS")) {
          row.next();
          count = row.getLong(1);
        }
      }
      if (count == 0) {
        return 0L;
      }
      try (ResultSet warning = show.executeQuery("SHOW WARNINGS")) {
        while (warning.next()) {
          all++;
          ignored +=
              ServerError.of(warning.getInt(2)).filter(SKIPPING::contains).isPresent() ? 1 : 0;
        }
      }
      if (count <= all) {
        return ignored;
      }
    }
    if (rows > 1 && !statement.isUndivided()) {
      throw new SQLDataException(
          "the server stored only " + all + " of the warnings of so large a chunk", "22001");
    }
    return null;
  }

  /** Returns the number of row updates that the session has tried. */
  private static long writes(Connection connection, RunStatements statements) throws SQLException {
    try (ResultSet row =
        statements
            .bound(connection, "SHOW SESSION STATUS LIKE 'Handler_update'", List.of())
            .executeQuery()) {
      row.next();
      return row.getLong(2);
    }
  }
}
