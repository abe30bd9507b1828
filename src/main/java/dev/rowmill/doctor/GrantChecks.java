package dev.rowmill.doctor;

import dev.rowmill.database.Rows;
import io.smallrye.config.SmallRyeConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Checks the privileges of the account: on Rowmill's own schema, and on what batches change.
 * Immutable.
 */
final class GrantChecks {

  private static final String CHANGES = "grants-changes";

  /** Lists what the service does in its own schema, with and without other migrations. */
  private static final List<String> OWN_ROWS = List.of("SELECT", "INSERT", "UPDATE", "DELETE");

  private static final List<String> OWN_TABLES = List.of("CREATE", "ALTER", "INDEX", "DROP");

  private static final Set<String> SYSTEM =
      Set.of("mysql", "sys", "information_schema", "performance_schema");

  private static final String CHANGE =
      "SELECT, INSERT, UPDATE, DELETE, TRIGGER, CREATE TEMPORARY TABLES";

  private final AccountGrants grants;
  private final Account account;
  private final String schema;

  GrantChecks(AccountGrants grants, Account account, String schema) {
    this.grants = grants;
    this.account = account;
    this.schema = schema;
  }

  static GrantChecks read(Connection connection, Account account, String schema)
      throws SQLException {
    return new GrantChecks(AccountGrants.read(connection), account, schema);
  }

  /**
   * Checks the privileges on Rowmill's own schema.
   *
   * @param otherMigrator whether another account creates and alters its tables
   */
  Finding ownSchema(boolean otherMigrator) {
    String check = "grants-schema";
    List<String> rows = missing(OWN_ROWS);
    List<String> tables = missing(OWN_TABLES);
    String advice = account.grant("ALL", Account.identifier(schema) + ".*");
    if (!rows.isEmpty() || !(tables.isEmpty() || otherMigrator)) {
      List<String> all = new ArrayList<>(rows);
      all.addAll(tables);
      return Finding.error(
          check,
          account.name()
              + " lacks "
              + String.join(", ", all)
              + " on "
              + schema
              + ", for Rowmill's own tables",
          advice);
    }
    return tables.isEmpty()
        ? Finding.ok(check, account.name() + " may create and use Rowmill's tables in " + schema)
        : Finding.warning(
            check,
            account.name()
                + " lacks "
                + String.join(", ", tables)
                + " on "
                + schema
                + ", so uploads fail",
            advice);
  }

  private List<String> missing(List<String> privileges) {
    return privileges.stream().filter(it -> !grants.include(it, schema)).toList();
  }

  /** Checks the privileges on the tables that batches may change. */
  List<Finding> changes(Connection connection, SmallRyeConfig config) throws SQLException {
    Set<String> views = new TreeSet<>(schemasWithViews(connection));
    List<AccountGrants.Line> changing = grants.lines().stream().filter(this::isChange).toList();
    List<Finding> findings = new ArrayList<>();
    List<String> complete = new ArrayList<>();
    for (AccountGrants.Line line : changing) {
      List<String> lacks = lacks(line, views);
      if (lacks.isEmpty()) {
        complete.add(line.on());
      }
      for (String privilege : lacks) {
        findings.add(
            Finding.warning(
                CHANGES,
                account.name()
                    + " lacks "
                    + privilege
                    + " on "
                    + line.on()
                    + ": "
                    + reason(privilege),
                account.grant(privilege, isOfSchemas(privilege) ? ofSchema(line) : line.on())));
      }
    }
    for (String named :
        config.getOptionalValues("rowmill.schemas", String.class).orElse(List.of())) {
      if (changing.stream().noneMatch(line -> grants.include("SELECT", named, line.table()))) {
        findings.add(
            Finding.warning(
                CHANGES,
                named + " is in rowmill.schemas, but the account may not change it",
                account.grant(CHANGE, Account.identifier(named) + ".*")));
      }
    }
    if (changing.isEmpty()) {
      findings.add(
          Finding.warning(
              CHANGES,
              account.name() + " may change no tables but Rowmill's own",
              account.grant(CHANGE, "`shop`.*") + " -- with your schema for shop"));
    } else if (!complete.isEmpty()) {
      findings.add(Finding.ok(CHANGES, "batches may change " + String.join(", ", complete)));
    }
    return findings;
  }

  private boolean isChange(AccountGrants.Line line) {
    return !line.schema().equals(schema)
        && !SYSTEM.contains(line.schema().toLowerCase(Locale.ROOT))
        && (line.include("UPDATE") || line.include("DELETE") || line.include("INSERT"));
  }

  /** Returns what a change of these tables needs beside UPDATE, DELETE or INSERT. */
  private List<String> lacks(AccountGrants.Line line, Set<String> views) {
    List<String> lacks = new ArrayList<>();
    for (String privilege : List.of("SELECT", "TRIGGER", "CREATE TEMPORARY TABLES")) {
      String table = isOfSchemas(privilege) ? "" : line.table();
      if (!line.include(privilege) && !grants.include(privilege, line.schema(), table)) {
        lacks.add(privilege);
      }
    }
    boolean hasViews = line.schema().isEmpty() ? !views.isEmpty() : views.contains(line.schema());
    if (hasViews
        && line.table().isEmpty()
        && !line.include("SHOW VIEW")
        && !grants.include("SHOW VIEW", line.schema())) {
      lacks.add("SHOW VIEW");
    }
    return lacks;
  }

  private static String reason(String privilege) {
    return switch (privilege) {
      case "SELECT" -> "every statement reads the rows that it changes";
      case "TRIGGER" ->
          "a trigger that changes the walked key is not detected, and a row that it moves may be"
              + " changed more than once";
      case "SHOW VIEW" -> "statements that name its views are rejected";
      default -> "a plan has no rows as they will be, and an UPDATE of joins no undo";
    };
  }

  /** Returns whether a privilege is granted on schemas only, and not on tables. */
  private static boolean isOfSchemas(String privilege) {
    return privilege.equals("CREATE TEMPORARY TABLES");
  }

  private static String ofSchema(AccountGrants.Line line) {
    return line.schema().isEmpty() ? "*.*" : Account.identifier(line.schema()) + ".*";
  }

  private static List<String> schemasWithViews(Connection connection) throws SQLException {
    return Rows.query(
        connection,
        "SELECT DISTINCT TABLE_SCHEMA FROM information_schema.TABLES WHERE TABLE_TYPE = 'VIEW'"
            + " AND TABLE_SCHEMA NOT IN ('"
            + String.join("', '", SYSTEM)
            + "')",
        row -> row.getString(1));
  }
}
