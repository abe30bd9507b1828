package dev.rowmill.doctor;

import dev.rowmill.database.Rows;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Holds the privileges of an account and of its active roles, as SHOW GRANTS lists them. A
 * privilege on columns counts as one on their table. Immutable.
 */
final class AccountGrants {

  private static final String ALL = "ALL PRIVILEGES";

  private static final String NAME = "(\\*|[`\"](?:[^`\"]|``|\"\")*[`\"])";

  /** Matches a line about tables. Lines about roles, proxies and routines don't match. */
  private static final Pattern LINE =
      Pattern.compile(
          "(GRANT|REVOKE) (.+?) ON (?:TABLE )?" + NAME + "\\." + NAME + " (?:TO|FROM) .*");

  private static final Pattern COLUMNS = Pattern.compile("\\([^)]*\\)");

  /**
   * Represents a line.
   *
   * @param revoked whether it takes privileges away from a global grant
   * @param schema as a pattern with {@code %} and {@code _}; empty for all schemas
   * @param table empty for all tables
   */
  record Line(boolean revoked, Set<String> privileges, String schema, String table) {

    /** Returns whether it is about exactly this schema or a pattern that includes it. */
    private boolean isAbout(String name) {
      return schema.isEmpty() || pattern(schema).matcher(name).matches();
    }

    boolean include(String privilege) {
      return privileges.contains(privilege) || privileges.contains(ALL);
    }

    /** Returns on what it grants, as a GRANT statement names it. */
    String on() {
      return (schema.isEmpty() ? "*" : Account.identifier(schema))
          + "."
          + (table.isEmpty() ? "*" : Account.identifier(table));
    }
  }

  private final List<Line> lines;

  AccountGrants(List<String> shown) {
    lines = shown.stream().map(AccountGrants::line).flatMap(Optional::stream).toList();
  }

  static AccountGrants read(Connection connection) throws SQLException {
    return new AccountGrants(Rows.query(connection, "SHOW GRANTS", row -> row.getString(1)));
  }

  /** Returns the lines that grant privileges on tables. */
  List<Line> lines() {
    return lines.stream().filter(line -> !line.revoked).toList();
  }

  /** Returns whether they include a privilege on all tables of a schema. */
  boolean include(String privilege, String schema) {
    return include(privilege, schema, "");
  }

  /** Returns whether they include a privilege on a table, or on all tables if its name is empty. */
  boolean include(String privilege, String schema, String table) {
    boolean revoked =
        lines.stream()
            .anyMatch(line -> line.revoked && line.isAbout(schema) && line.include(privilege));
    return lines.stream()
        .filter(line -> !line.revoked && line.include(privilege) && line.isAbout(schema))
        .filter(line -> line.table.isEmpty() || line.table.equals(table))
        .anyMatch(line -> !(revoked && line.schema.isEmpty()));
  }

  private static Optional<Line> line(String text) {
    Matcher matcher = LINE.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Set<String> privileges =
        Stream.of(COLUMNS.matcher(matcher.group(2)).replaceAll("").split(","))
            .map(privilege -> privilege.strip().toUpperCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
    return Optional.of(
        new Line(
            matcher.group(1).equals("REVOKE"),
            privileges,
            unquoted(matcher.group(3)),
            unquoted(matcher.group(4))));
  }

  private static String unquoted(String name) {
    return name.equals("*")
        ? ""
        : name.substring(1, name.length() - 1).replace("``", "`").replace("\"\"", "\"");
  }

  /** Returns the regular expression of a pattern of schemas; a backslash makes a letter literal. */
  private static Pattern pattern(String schema) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < schema.length(); i++) {
      char letter = schema.charAt(i);
      if (letter == '\\' && i + 1 < schema.length()) {
        i++;
        parts.add(Pattern.quote(schema.substring(i, i + 1)));
      } else {
        parts.add(
            letter == '%' ? ".*" : letter == '_' ? "." : Pattern.quote(String.valueOf(letter)));
      }
    }
    return Pattern.compile(String.join("", parts), Pattern.DOTALL);
  }
}
