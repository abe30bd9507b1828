package dev.rowmill.sql.table;

import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.StatementParser;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the tables that a view reads, also through other views, and checks that a statement may use
 * them. For one thread.
 */
public final class ViewTables {

  /** Limits the tables of a view; a view that reads more is rejected. */
  private static final int MOST = 200;

  private final Catalog catalog;
  private final String ownSchema;
  private final StatementScope scope;

  /**
   * @param ownSchema schema of Rowmill's tables
   */
  public ViewTables(Catalog catalog, String ownSchema, StatementScope scope) {
    this.catalog = catalog;
    this.ownSchema = ownSchema;
    this.scope = scope;
  }

  /**
   * Returns the tables behind a name: the table itself, or each table that a view reads, as often
   * as it does.
   *
   * @param written name in the statement
   * @param kind table or view with this name
   * @throws Refusal if one of the tables, or a function of the view, may not be used
   */
  public List<TableName> of(TableName written, TableKind kind) throws SQLException {
    List<TableName> tables = new ArrayList<>();
    add(written, kind, tables);
    return tables;
  }

  private void add(TableName written, TableKind kind, List<TableName> tables) throws SQLException {
    if (tables.size() > MOST) {
      throw refusal("view", written);
    }
    if (!kind.isView()) {
      Optional<Reason> elsewhere = StatementScope.isElsewhere(written, kind);
      if (elsewhere.isPresent()) {
        throw StatementParser.refusal(Set.of(elsewhere.get()));
      }
      tables.add(kind.name());
    } else {
      ParsedStatement parsed = definition(written, kind.name());
      for (TableName table : parsed.subqueryTables()) {
        TableName full = table.in(String.valueOf(kind.name().schema()));
        add(written, usable(written, full), tables);
      }
    }
  }

  private ParsedStatement definition(TableName written, TableName view) throws SQLException {
    String definition = catalog.viewDefinition(view);
    if (definition.isEmpty()) {
      throw refusal("view-hidden", written);
    }
    try {
      ParsedStatement parsed = StatementParser.parseCheck(definition);
      if (scope.refused(parsed).isEmpty()) {
        return parsed;
      }
    } catch (Refusal refused) {
      // The reasons refer to the view's text, which the caller has not written.
    }
    throw refusal("view", written);
  }

  private TableKind usable(TableName written, TableName table) throws SQLException {
    try {
      return catalog.usable(table, ownSchema, scope);
    } catch (Refusal outOfReach) {
      throw refusal("view", written);
    }
  }

  private static Refusal refusal(String code, TableName written) {
    return StatementParser.refusal(Set.of(Reason.of(code, "table", written.written())));
  }
}
