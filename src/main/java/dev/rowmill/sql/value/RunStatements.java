package dev.rowmill.sql.value;

import com.mysql.cj.jdbc.JdbcConnection;
import dev.rowmill.task.StatementTag;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Caches the prepared statements of a run as long as it stays on one connection. Each has a comment
 * that names its owner. Not thread-safe.
 */
public final class RunStatements {

  /** Marks statements that belong to no batch. */
  public static final String ANONYMOUS = "/* rowmill */";

  private static final Pattern BEGINNING =
      Pattern.compile("^[A-Za-z]+(\\s*/\\*\\+.*?\\*/)?", Pattern.DOTALL);

  private final Map<String, PreparedStatement> prepared = new HashMap<>();
  private @Nullable Connection connection;
  private long largestPacket;
  private String comment = ANONYMOUS;

  /** Stores whether the comment names a batch, so that no other batch has the same statements. */
  private boolean marked;

  /** Sets the tag of all statements from now on. */
  public void mark(StatementTag tag) {
    if (!tag.comment().equals(comment)) {
      close();
      comment = tag.comment();
      marked = true;
    }
  }

  /** Sets the comment of all statements; must be called before the first one. */
  public void comment(String always) {
    comment = always;
  }

  /** Returns the statement with its values bound. */
  public PreparedStatement bound(Connection current, String sql, List<BoundText.Value> values)
      throws SQLException {
    PreparedStatement statement = prepare(current, sql);
    BoundText.bind(statement, values);
    return statement;
  }

  /**
   * Returns a statement that is used once, with its values bound. The caller closes it, because no
   * pool closes one that is not prepared. If all values are whole numbers, it is sent as text
   * rather than prepared, which saves a round trip.
   */
  public PreparedStatement boundOnce(Connection current, String sql, List<BoundText.Value> values)
      throws SQLException {
    go(current);
    PreparedStatement fresh =
        areNumbers(values) ? unprepared(current, commented(sql, comment)) : fresh(current, sql);
    BoundText.bind(fresh, values);
    return fresh;
  }

  /** Runs a statement without values that is not prepared, such as one that creates a table. */
  public void execute(Connection current, String sql) throws SQLException {
    try (Statement statement = current.createStatement()) {
      statement.execute(commented(sql, comment));
    }
  }

  /** Returns whether the server reads all values from text as they are. */
  private static boolean areNumbers(List<BoundText.Value> values) {
    return values.stream().allMatch(value -> value.value() instanceof Long);
  }

  private static PreparedStatement unprepared(Connection current, String sql) throws SQLException {
    return current.unwrap(JdbcConnection.class).clientPrepareStatement(sql);
  }

  /**
   * Returns the maximum number of bytes that the server accepts in one packet.
   *
   * @param current the connection
   */
  public long largestPacket(Connection current) throws SQLException {
    go(current);
    if (largestPacket == 0) {
      try (ResultSet row =
          bound(current, "SELECT @@max_allowed_packet", List.of()).executeQuery()) {
        row.next();
        largestPacket = row.getLong(1);
      }
    }
    return largestPacket;
  }

  /**
   * Returns a statement with a comment after its first word, where every log shows it. Optimizer
   * hints stay before the comment, as the server accepts them only there.
   */
  public static String commented(String sql, String comment) {
    Matcher beginning = BEGINNING.matcher(sql);
    int end = beginning.find() ? beginning.end() : 0;
    return sql.substring(0, end) + " " + comment + sql.substring(end);
  }

  private PreparedStatement prepare(Connection current, String sql) throws SQLException {
    go(current);
    PreparedStatement known = prepared.get(sql);
    if (known != null && !known.isClosed()) {
      return known;
    }
    PreparedStatement made =
        marked ? fresh(current, sql) : current.prepareStatement(commented(sql, comment));
    prepared.put(sql, made);
    return made;
  }

  /** Prepares a statement that the driver does not cache, as no other run uses its text. */
  private PreparedStatement fresh(Connection current, String sql) throws SQLException {
    PreparedStatement made = current.prepareStatement(commented(sql, comment));
    made.setPoolable(false);
    return made;
  }

  private void go(Connection current) {
    if (connection != current) {
      close();
      connection = current;
    }
  }

  private void close() {
    largestPacket = 0;
    for (PreparedStatement statement : prepared.values()) {
      close(statement);
    }
    prepared.clear();
  }

  private static void close(PreparedStatement statement) {
    try {
      statement.close();
    } catch (SQLException e) {
      // Its connection is closed or back in its pool, and the statement with it.
      return;
    }
  }
}
