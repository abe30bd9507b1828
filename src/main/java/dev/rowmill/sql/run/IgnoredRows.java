package dev.rowmill.sql.run;

import com.mysql.cj.conf.PropertyKey;
import com.mysql.cj.jdbc.JdbcConnection;
import com.mysql.cj.jdbc.JdbcStatement;
import dev.rowmill.database.ServerKind;
import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.ParsedStatement.Kind;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.table.Catalog;
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
 * Counts the rows that a statement with IGNORE has passed over because of an error: by the
 * statement's warnings, or, where MariaDB gives none, by how many rows it has tried to write. Used
 * as a {@link dev.rowmill.task.ChunkedRun} is.
 */
final class IgnoredRows {

  /** Errors that leave the row as it was, or out. Others have changed a value on its way in. */
  private static final Set<Integer> CODES =
      Set.of(
          167, // MariaDB: no number is left for AUTO_INCREMENT
          1022, 1062, 1586, // duplicate keys
          1216, 1217, 1451, 1452, 1761, 1762, // foreign keys
          1369, // the check of a view
          1526, 1591, 1748, // no partition
          3819, 4025); // CHECK, of MySQL and MariaDB

  /** As MariaDB takes it for a DELETE of one table; with another text it warns of nothing. */
  private static final Pattern DELETE_FROM_ONE =
      Pattern.compile(
          "DELETE(?:(?:\\s|/\\*.*?\\*/)+(?:LOW_PRIORITY|QUICK|IGNORE))*+(?:\\s|/\\*.*?\\*/)+FROM\\b"
              + "(?:(?!\\bUSING\\b).)*",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private static final Pattern NUMBER = Pattern.compile("\\d+");

  private enum Way {
    /** There are none to count. */
    NONE,
    WARNINGS,
    /** MariaDB: those that were tried to be written, and were not. */
    WRITES,
    /** MariaDB: warnings tell of some, and there are no others where all that matched changed. */
    MATCHES,
    UNKNOWN
  }

  /**
   * What a statement has done.
   *
   * @param changed rows
   * @param ignored rows that it has passed over; null when that can't be told
   * @param met rows that it has been through, of those that a LIMIT counts
   */
  record Counted(long changed, @Nullable Long ignored, long met) {}

  private final ChunkableStatement statement;
  private @Nullable Way way;
  private boolean mariaDb;
  private long writesBefore;
  private int mostRows;

  IgnoredRows(ChunkableStatement statement) {
    this.statement = statement;
  }

  /**
   * Returns whether MariaDB tells apart rows that were changed and rows that were passed over, by
   * what it counts or warns of. It does not where it runs the statement as one on several tables,
   * as it may for a subquery.
   */
  static boolean isOfOneTable(ChunkableStatement statement) {
    ParsedStatement parsed = statement.parsed();
    return !parsed.hasSeveralSources()
        && parsed.subqueryTables().isEmpty()
        && (parsed.kind() != Kind.DELETE
            || DELETE_FROM_ONE.matcher(statement.whole().sql()).matches());
  }

  /** Rows of a chunk, at most: as many as there may be warnings of a statement. */
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
   * Gets ready for the statement, which comes next on the connection.
   *
   * @return what is to be added to its condition: always true, but for it MariaDB reads the columns
   *     that it writes, and so does not write what is there already
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
    // Other rows are written by triggers and into histories, and by partitions all are twice.
    return statement.isUndivided()
            || catalog.isPartitioned(target)
            || catalog.kind(target).filter(Catalog.TableKind::isVersioned).isPresent()
            || !catalog.triggers(target, parsed).isEmpty()
        ? Way.MATCHES
        : Way.WRITES;
  }

  /**
   * Counts, right after the statement.
   *
   * @param counted rows changed, by the driver
   * @param rows that it was run on; of more than one a part can be done next time
   * @throws SQLDataException when there are too many to be counted
   */
  Counted after(
      Connection connection,
      RunStatements statements,
      PreparedStatement done,
      long counted,
      long rows)
      throws SQLException {
    boolean limited = statement.isUndivided() && statement.limit().isPresent();
    if (way == Way.NONE && !limited) {
      return new Counted(counted, 0L, counted);
    }
    List<Long> told = told(done);
    boolean deletes = statement.parsed().kind() == Kind.DELETE;
    long matched = told.isEmpty() ? 0 : told.get(0);
    Long ignored =
        switch (way == null ? Way.UNKNOWN : way) {
          case NONE -> Long.valueOf(0);
          // Where none matched there is nothing to tell.
          case UNKNOWN -> deletes || matched > 0 ? null : Long.valueOf(0);
          case WARNINGS -> byWarnings(connection, told, rows);
          case MATCHES, WRITES -> {
            Long some = byWarnings(connection, told, rows);
            long unchanged = told.size() > 1 ? matched - told.get(1) : 0;
            if (some == null || unchanged == 0) {
              yield some;
            }
            if (way == Way.MATCHES) {
              yield null;
            }
            long failed = writes(connection, statements) - writesBefore - told.get(1);
            // A trigger that this account may not see has written, too.
            yield failed < 0 || failed > unchanged ? null : Long.valueOf(some + failed);
          }
        };
    long passed = ignored == null ? 0 : ignored;
    return new Counted(
        // Of ON DUPLICATE KEY those that could not be inserted are not among them.
        countsMatching(connection) ? Math.max(0, counted - passed) : counted,
        ignored,
        // MariaDB goes on to others in the place of rows that it could not delete.
        deletes
            ? counted + (mariaDb ? 0 : passed)
            // MySQL leaves out rows that it could not insert.
            : Math.max(matched, statement.parsed().kind().inserts() ? counted + passed : 0));
  }

  /** Whether rows that matched are counted as changed, among them those that were passed over. */
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
   * What the server has said of an UPDATE: the rows that matched, that were changed, and its
   * warnings; of an INSERT: the rows that were selected, that were there, and its warnings. Nothing
   * of a DELETE. The words around the numbers may be in any language.
   */
  private static List<Long> told(PreparedStatement done) throws SQLException {
    String info = done.unwrap(JdbcStatement.class).getResultSetInternal().getServerInfo();
    List<Long> numbers = new ArrayList<>();
    Matcher number = NUMBER.matcher(info == null ? "" : info);
    while (number.find()) {
      numbers.add(Long.valueOf(number.group()));
    }
    return numbers;
  }

  /**
   * @param told what the server has said of the statement
   */
  private @Nullable Long byWarnings(Connection connection, List<Long> told, long rows)
      throws SQLException {
    long ignored = 0;
    long all = 0;
    // Not prepared, as that would be the statement whose warnings are shown.
    try (Statement show = connection.createStatement()) {
      long count = told.size() > 2 ? told.get(2) : 0;
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
          ignored += CODES.contains(warning.getInt(2)) ? 1 : 0;
        }
      }
      if (count <= all) {
        return ignored;
      }
    }
    if (rows > 1 && !statement.isUndivided()) {
      throw new SQLDataException(
          "the server has kept only " + all + " of the warnings of so large a chunk", "22001");
    }
    return null;
  }

  /** How many rows the session has tried to update. */
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
