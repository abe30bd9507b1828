package dev.rowmill.sql.value;

import dev.rowmill.task.StatementTag;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The prepared statements of a run, kept as long as it stays on one connection; each with a comment
 * that says whose it is. Not thread-safe.
 */
public final class RunStatements {

  /** Of what belongs to no batch. */
  public static final String ANONYMOUS = "/* rowmill */";

  private static final Pattern BEGINNING =
      Pattern.compile("^[A-Za-z]+(\\s*/\\*\\+.*?\\*/)?", Pattern.DOTALL);

  private final Map<String, PreparedStatement> prepared = new HashMap<>();
  private @Nullable Connection connection;
  private @Nullable PreparedStatement single;
  private @Nullable StatementTag mark;
  private long largestPacket;
  private String comment = ANONYMOUS;

  /** Says which chunk comes next. The batch and the lane stay the same. */
  public void mark(StatementTag next) {
    if (mark == null) {
      close();
      comment = next.ofLane();
    }
    mark = next;
  }

  /** Says what all statements are for; before the first one. */
  public void comment(String always) {
    comment = always;
  }

  /** The statement with its values bound. */
  public PreparedStatement bound(Connection current, String sql, List<BoundText.Value> values)
      throws SQLException {
    PreparedStatement statement = prepare(current, sql);
    BoundText.bind(statement, values);
    return statement;
  }

  /**
   * The same of a statement that changes rows: it tells its chunk, too, and so is another each
   * time. It is closed when the next one is asked for.
   */
  public PreparedStatement boundOnce(Connection current, String sql, List<BoundText.Value> values)
      throws SQLException {
    go(current);
    if (single != null) {
      single.close();
      single = null;
    }
    PreparedStatement fresh =
        fresh(current, commented(sql, mark == null ? comment : mark.ofChunk()));
    single = fresh;
    BoundText.bind(fresh, values);
    return fresh;
  }

  /**
   * Returns how many bytes the server takes in one packet.
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
   * A statement with a comment behind its first word, where every log shows it. Hints for the
   * optimizer stay in front of it, as the server takes them for such only there.
   */
  public static String commented(String sql, String comment) {
    Matcher beginning = BEGINNING.matcher(sql);
    int end = beginning.find() ? beginning.end() : 0;
    return sql.substring(0, end) + " " + comment + sql.substring(end);
  }

  private PreparedStatement prepare(Connection current, String sql) throws SQLException {
    go(current);
    PreparedStatement kept = prepared.get(sql);
    if (kept != null && !kept.isClosed()) {
      return kept;
    }
    String marked = commented(sql, comment);
    PreparedStatement made =
        mark == null ? current.prepareStatement(marked) : fresh(current, marked);
    prepared.put(sql, made);
    return made;
  }

  /** One that the driver does not keep for others, as nobody else asks for it. */
  private static PreparedStatement fresh(Connection current, String sql) throws SQLException {
    PreparedStatement made = current.prepareStatement(sql);
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
    if (single != null) {
      close(single);
      single = null;
    }
  }

  private static void close(PreparedStatement statement) {
    try {
      statement.close();
    } catch (SQLException e) {
      // Its connection is gone or back in its pool, and the statement with it.
      return;
    }
  }
}
