package dev.rowmill.sql.plan;

import dev.rowmill.sql.parse.TableName;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Creates an empty temporary table with the columns of a real one. Its unique name never hides the
 * real table on the connection. It has neither triggers nor foreign keys.
 */
final class TemporaryCopy {

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Pattern CHARSET =
      Pattern.compile("DEFAULT CHARSET=(\\w+)(?: COLLATE=(\\w+))?");
  private static final List<String> KEPT = List.of("`", "PRIMARY KEY ", "UNIQUE KEY ", "KEY ");

  private TemporaryCopy() {}

  /**
   * Creates a copy.
   *
   * @param session session outside of a transaction; drops the copy at the end
   * @throws SQLException if the server rejects it
   */
  static TableName make(PlanSession session, TableName table) throws SQLException {
    TableName copy =
        new TableName(table.schema(), String.format("rowmill_sample_%016x", RANDOM.nextLong()));
    session.willCreate(copy);
    String create = "CREATE TEMPORARY TABLE " + copy.quoted();
    try {
      session.execute(create + " LIKE " + table.quoted());
    } catch (SQLException e) {
      // A temporary table can't have partitions or a FULLTEXT index, and the sample needs neither.
      Optional<String> plainer = plainer(session, table);
      if (plainer.isEmpty()) {
        throw e;
      }
      try {
        session.execute(create + plainer.get());
      } catch (SQLException again) {
        // An account that may not create a temporary table may not drop one, either.
        session.createdNone(again);
        throw again;
      }
    }
    return copy;
  }

  /** Returns the columns and plain indexes of a table, from the server's own definition. */
  private static Optional<String> plainer(PlanSession session, TableName table)
      throws SQLException {
    String definition;
    try (Statement statement = session.connection().createStatement();
        ResultSet row = statement.executeQuery("SHOW CREATE TABLE " + table.quoted())) {
      if (!row.next()) {
        return Optional.empty();
      }
      definition = row.getString(2);
    }
    List<String> plain = new ArrayList<>();
    for (String line : definition.split("\n")) {
      String part = line.strip();
      if (line.startsWith("  ") && KEPT.stream().anyMatch(part::startsWith)) {
        plain.add(part.endsWith(",") ? part.substring(0, part.length() - 1) : part);
      }
    }
    Matcher charset = CHARSET.matcher(definition);
    return charset.find()
        ? Optional.of(
            " ("
                + String.join(", ", plain)
                + ") ENGINE=InnoDB DEFAULT CHARSET="
                + charset.group(1)
                + (charset.group(2) == null ? "" : " COLLATE=" + charset.group(2)))
        : Optional.empty();
  }
}
