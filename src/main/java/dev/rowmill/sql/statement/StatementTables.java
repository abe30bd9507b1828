package dev.rowmill.sql.statement;

import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.ParsedStatement.ColumnName;
import dev.rowmill.sql.parse.ParsedStatement.TableUse;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.sql.table.TableDefinition;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.sql.table.TableKind;
import dev.rowmill.sql.table.Trigger;
import dev.rowmill.sql.table.ValueTargets;
import dev.rowmill.sql.table.ViewTables;
import dev.rowmill.task.Definition;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Resolves the names in a statement to tables and columns. Caches results from the catalog, as each
 * query of it costs a round trip. For one statement and one thread.
 */
final class StatementTables {

  private final ParsedStatement parsed;
  private final Catalog catalog;
  private final String schema;
  private final StatementScope scope;

  private final Map<TableName, TableKind> kinds = new HashMap<>();
  private final Map<TableName, List<TableName>> standsFor = new HashMap<>();
  private final Map<TableName, List<Column>> columns = new HashMap<>();
  private final Map<TableName, TableDefinition> definitions = new HashMap<>();
  private final Map<TableName, List<Trigger>> triggers = new HashMap<>();

  StatementTables(ParsedStatement parsed, Connection connection, StatementScope scope)
      throws SQLException {
    this.parsed = parsed;
    this.catalog = new Catalog(connection);
    this.schema = catalog.schema();
    this.scope = scope;
  }

  Catalog catalog() {
    return catalog;
  }

  /** Returns the schema of names that have none. */
  String schema() {
    return schema;
  }

  /** Returns a name with its schema. */
  TableName full(TableName table) {
    return table.in(schema);
  }

  /** Returns the columns that its parameters are compared with or assigned to. */
  ValueTargets targets(TableName target) throws SQLException {
    List<List<Column>> tables = new ArrayList<>();
    tables.add(columns(target));
    for (TableUse use : parsed.tables()) {
      if (!use.name().in(schema).equals(target)) {
        tables.add(columns(use.name().in(schema)));
      }
    }
    for (TableName table : parsed.subqueryTables()) {
      tables.add(columns(table.in(schema)));
    }
    return new ValueTargets(tables);
  }

  /** Returns an existing table that the caller may use. */
  TableKind usable(TableName table) throws SQLException {
    TableKind known = kinds.get(table);
    if (known == null) {
      known = catalog.usable(table, schema, scope);
      kinds.put(table, known);
    }
    return known;
  }

  /** Returns the tables behind a name; there may be several for a view. */
  List<TableName> standsFor(TableName table) throws SQLException {
    TableName full = table.in(schema);
    List<TableName> known = standsFor.get(full);
    if (known == null) {
      known = new ViewTables(catalog, schema, scope).of(table, usable(table));
      standsFor.put(full, known);
    }
    return known;
  }

  List<Column> columns(TableName table) throws SQLException {
    List<Column> known = columns.get(table);
    if (known == null) {
      // The only table of an UPDATE or DELETE is also walked.
      boolean walks =
          !parsed.kind().inserts()
              && parsed.tables().size() == 1
              && parsed.tables().get(0).name().in(schema).equals(table);
      known = walks ? definition(table).columns() : catalog.columns(table);
      columns.put(table, known);
    }
    return known;
  }

  TableDefinition definition(TableName table) throws SQLException {
    TableDefinition known = definitions.get(table);
    if (known == null) {
      known = catalog.definition(table);
      definitions.put(table, known);
      columns.put(table, known.columns());
    }
    return known;
  }

  /** Returns the triggers of a table that the statement fires. */
  List<Trigger> triggers(TableName table) throws SQLException {
    List<Trigger> known = triggers.get(table);
    if (known == null) {
      known = catalog.triggers(table, parsed);
      triggers.put(table, known);
    }
    return known;
  }

  /** Returns the definition of the tables, as far as it was read. */
  Definition definition() {
    return TableParts.of(columns, definitions, triggers);
  }

  /** Reads and returns the definition of all tables, also of those that no longer exist. */
  Definition readDefinition() throws SQLException {
    Set<TableName> named = new LinkedHashSet<>(parsed.subqueryTables());
    parsed.tables().forEach(use -> named.add(use.name()));
    if (parsed.insertInto() != null) {
      named.add(parsed.insertInto());
    }
    for (TableName table : named) {
      definition(full(table));
      triggers(full(table));
    }
    return definition();
  }

  /** Returns the table with this name or alias in the statement. */
  Optional<TableUse> named(TableName name) throws SQLException {
    for (TableUse use : parsed.tables()) {
      boolean same =
          name.schema() == null
              ? use.qualifier().equals(name.name())
                  || (use.qualifier().equalsIgnoreCase(name.name()) && namesIgnoreCase())
              : use.alias() == null && catalog.isSame(use.name().in(schema), name);
      if (same) {
        return Optional.of(use);
      }
    }
    return Optional.empty();
  }

  private boolean namesIgnoreCase() throws SQLException {
    return catalog.isSame(new TableName("", "a"), new TableName("", "A"));
  }

  /** Returns the table of a column; empty if none has it. */
  Optional<TableUse> owner(ColumnName column) throws SQLException {
    if (column.qualifier() != null) {
      return named(column.qualifier());
    }
    if (parsed.tables().size() == 1) {
      return Optional.of(parsed.tables().get(0));
    }
    for (TableUse use : parsed.tables()) {
      if (columns(use.name().in(schema)).stream()
          .anyMatch(each -> each.name().equalsIgnoreCase(column.name()))) {
        return Optional.of(use);
      }
    }
    return Optional.empty();
  }

  /** Returns whether a set contains a table, by the rules of the server for names. */
  boolean isAmong(Set<TableName> tables, TableName one) throws SQLException {
    for (TableName table : tables) {
      if (catalog.isSame(one, table)) {
        return true;
      }
    }
    return false;
  }
}
