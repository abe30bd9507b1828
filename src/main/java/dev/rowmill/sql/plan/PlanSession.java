package dev.rowmill.sql.plan;

import static dev.rowmill.database.ServerError.ER_LOCK_WAIT_TIMEOUT;
import static dev.rowmill.database.ServerError.ER_QUERY_INTERRUPTED;
import static dev.rowmill.database.ServerError.ER_QUERY_TIMEOUT;
import static dev.rowmill.database.ServerError.ER_STATEMENT_TIMEOUT;

import dev.rowmill.database.Connections;
import dev.rowmill.database.ServerError;
import dev.rowmill.database.ServerKind;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.statement.ChunkQueries.RangeQuery;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Wraps a pooled connection while a plan is made on it. Everything is bounded in time. At the end
 * the changes of the session are reverted, or the connection is aborted. For one thread.
 */
final class PlanSession implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(PlanSession.class);

  /** Lists the errors of statements that took too long, and of tables that are being altered. */
  private static final Set<ServerError> TIMED_OUT =
      Set.of(ER_LOCK_WAIT_TIMEOUT, ER_QUERY_INTERRUPTED, ER_STATEMENT_TIMEOUT, ER_QUERY_TIMEOUT);

  /** Limits the remaining time in milliseconds below which no query is started. */
  private static final long FEWEST_MILLIS = 5;

  private final Connection connection;
  private final boolean mariaDb;
  private final String sqlMode;

  /** Stores the session's original lock_wait_timeout, in seconds. */
  private final String lockWait;

  /** Stores the original value of the server's variable that limits the time of a statement. */
  private final String limit;

  private final long deadline;
  private @Nullable TableName temporary;

  /** Marks each statement on a user's table. */
  static final String COMMENT = "/* rowmill plan */";

  /** Represents a query to the server. */
  @FunctionalInterface
  interface Query<T> {
    T run() throws SQLException;
  }

  private PlanSession(
      Connection connection,
      boolean mariaDb,
      String sqlMode,
      String lockWait,
      String limit,
      long millis) {
    this.connection = connection;
    this.mariaDb = mariaDb;
    this.sqlMode = sqlMode;
    this.lockWait = lockWait;
    this.limit = limit;
    this.deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /**
   * Opens a session.
   *
   * @param connection connection with auto-commit, outside of a transaction
   * @param millis time limit in milliseconds for all bounded queries together
   */
  static PlanSession open(Connection connection, long millis) throws SQLException {
    boolean mariaDb = ServerKind.isMariaDb(connection);
    try (Statement statement = connection.createStatement()) {
      PlanSession session;
      try (ResultSet row =
          statement.executeQuery(
              "SELECT @@SESSION.sql_mode, @@SESSION.lock_wait_timeout, @@SESSION."
                  + limit(mariaDb))) {
        row.next();
        String sqlMode = row.getString(1);
        session =
            new PlanSession(
                connection,
                mariaDb,
                sqlMode == null ? "" : sqlMode,
                row.getString(2),
                row.getString(3),
                millis);
      }
      // Limits the wait for a table that is being altered, in seconds.
      statement.execute("SET SESSION lock_wait_timeout = 1");
      return session;
    }
  }

  private static String limit(boolean mariaDb) {
    return mariaDb ? "max_statement_time" : "max_execution_time";
  }

  Connection connection() {
    return connection;
  }

  /** Begins a transaction in which the server allows changes only to temporary tables. */
  void beginReadOnly() throws SQLException {
    execute("START TRANSACTION READ ONLY");
  }

  /** Begins a transaction that will be rolled back, for statements that a read-only one rejects. */
  void begin() throws SQLException {
    execute("START TRANSACTION");
  }

  void rollBack() throws SQLException {
    execute("ROLLBACK");
  }

  /**
   * Runs a query within a time, or within the remaining time of the session.
   *
   * @return the result; empty if the query took longer
   */
  <T> Optional<T> within(long millis, Query<T> query) throws SQLException {
    long left = Math.min(millis, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()));
    if (left < FEWEST_MILLIS) {
      return Optional.empty();
    }
    execute(
        mariaDb
            ? String.format(Locale.ROOT, "SET SESSION max_statement_time = %.3f", left / 1000.0)
            : "SET SESSION max_execution_time = " + left);
    try {
      return Optional.of(query.run());
    } catch (SQLException e) {
      if (isTimeout(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Prepares a statement on a user's table, with its values. */
  PreparedStatement prepare(String sql, List<BoundText.Value> values) throws SQLException {
    PreparedStatement prepared = connection.prepareStatement(RunStatements.commented(sql, COMMENT));
    BoundText.bind(prepared, values);
    return prepared;
  }

  /** Returns the number that a query counts. */
  long count(RangeQuery query) throws SQLException {
    try (PreparedStatement count = prepare(query.sql(), query.before());
        ResultSet row = count.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  /**
   * Sets a SQL mode that stores every value unchanged, such as zero dates and a zero in an
   * AUTO_INCREMENT column.
   */
  void storeValuesUnchanged() throws SQLException {
    execute("SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'");
  }

  /** Restores the SQL mode in which batches run. */
  void restoreMode() throws SQLException {
    execute("SET SESSION sql_mode = '" + sqlMode + "'");
  }

  /**
   * Registers a temporary table that is about to be created, which {@link #close} drops. No other
   * table has its name.
   */
  void willCreate(TableName table) {
    temporary = table;
  }

  /** Records that the server rejected the temporary table. */
  void createdNone(SQLException refused) {
    if (!isTimeout(refused)) {
      temporary = null;
    }
  }

  private static boolean isTimeout(SQLException e) {
    return e instanceof SQLTimeoutException || ServerError.isAny(e, TIMED_OUT);
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Closes the session. Never throws. */
  @Override
  public void close() {
    try {
      for (String sql : cleanUp()) {
        execute(sql);
      }
    } catch (SQLException e) {
      LOG.warnf("A connection is closed, because its session can't be reset: %s", e.getMessage());
      try {
        Connections.abort(connection);
      } catch (SQLException aborting) {
        LOG.debug("A connection could not be closed", aborting);
      }
    }
  }

  private List<String> cleanUp() {
    List<String> statements = new ArrayList<>();
    statements.add("ROLLBACK");
    statements.add(
        "SET SESSION sql_mode = '"
            + sqlMode
            + "', lock_wait_timeout = "
            + lockWait
            + ", "
            + limit(mariaDb)
            + " = "
            + limit);
    if (temporary != null) {
      statements.add("DROP TEMPORARY TABLE IF EXISTS " + temporary.quoted());
    }
    return statements;
  }
}
