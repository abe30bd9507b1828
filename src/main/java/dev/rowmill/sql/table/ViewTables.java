package dev.rowmill.sql.table;

import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.StatementParser;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.table.Catalog.TableKind;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the tables that a view stands for, through other views as well, and holds them to what a
 * statement may reach. For one thread.
 */
public final class ViewTables {

  /** A view that reads more is not looked through. */
  private static final int MOST = 200;

  private final Catalog catalog;
  private final String ownSchema;
  private final StatementScope reach;

  /**
   * @param ownSchema where Rowmill's tables are
   */
  public ViewTables(Catalog catalog, String ownSchema, StatementScope reach) {
    this.catalog = catalog;
    this.ownSchema = ownSchema;
    this.reach = reach;
  }

  /**
   * Returns the tables that a name stands for: of a view those that it reads, each as often as it
   * does, of a table itself.
   *
   * @param written as the statement names it
   * @param kind what there is by this name
   * @throws Refusal when one of them, or what the view does, is out of reach
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
      if (reach.refused(parsed).isEmpty()) {
        return parsed;
      }
    } catch (Refusal refused) {
      // The caller has not written what it says, so it is of no use to tell.
    }
    throw refusal("view", written);
  }

  private TableKind usable(TableName written, TableName table) throws SQLException {
    try {
      return catalog.usable(table, ownSchema, reach);
    } catch (Refusal outOfReach) {
      throw refusal("view", written);
    }
  }

  private static Refusal refusal(String code, TableName written) {
    return StatementParser.refusal(Set.of(Reason.of(code, "table", written.written())));
  }
}
