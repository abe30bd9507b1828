package dev.rowmill.archive;

import dev.rowmill.archive.ArchiveParameters.Child;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.ForeignKeys;
import dev.rowmill.sql.table.KeyChoice;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.sql.table.TableKind;
import dev.rowmill.sql.table.Trigger;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds the tables that an archive moves rows between, and checks them. For one thread. */
final class MovedTables {

  /** Matches what a trigger on DELETE may do to other rows. */
  private static final Pattern CHANGES =
      Pattern.compile("\\b(?:DELETE|REPLACE|UPDATE|CALL)\\b", Pattern.CASE_INSENSITIVE);

  private final ArchiveParameters parameters;
  private final Catalog catalog;
  private final ForeignKeys foreignKeys;
  private final StatementScope scope;
  private final String schema;
  private final Set<Reason> reasons = new LinkedHashSet<>();

  MovedTables(ArchiveParameters parameters, Connection connection, StatementScope scope)
      throws SQLException {
    this.parameters = parameters;
    this.scope = scope;
    catalog = new Catalog(connection);
    foreignKeys = new ForeignKeys(connection);
    schema = catalog.schema();
  }

  /**
   * Returns the table that a request names, as the server spells it.
   *
   * @throws Refusal {@code unknown-table}
   */
  TableName source() throws SQLException {
    return usable(parameters.table()).name();
  }

  /**
   * Returns the tables, the archived one first. An archive table that is to be created gets the
   * columns of the table whose rows it gets.
   *
   * @param statement the statement that deletes the rows
   * @throws Refusal {@code archive-impossible} with what to change; {@code unknown-table}
   */
  List<MovedTable> find(ChunkableStatement statement) throws SQLException {
    TableName source = statement.table();
    reasons.addAll(statement.undivided());
    TableName archive = parameters.to().table() == null ? null : target(parameters.to().table());
    List<MovedTable> tables = new ArrayList<>();
    tables.add(new MovedTable(source, archive, columns(source, archive), null));
    for (Child child : parameters.children()) {
      TableName from = usable(child.table()).name();
      TableName to = archive == null ? null : target(child, archive, from);
      tables.add(new MovedTable(from, to, columns(from, to), child.by()));
    }
    checkNames(tables);
    if (reasons.isEmpty()) {
      for (MovedTable table : tables) {
        if (table.by() != null) {
          checkChild(table, table.by(), statement);
        }
        checkOthers(table, tables, statement.key().columns().get(0).name());
      }
    }
    if (!reasons.isEmpty()) {
      throw new Refusal("archive-impossible", Map.of(), List.copyOf(reasons));
    }
    return List.copyOf(tables);
  }

  private TableName target(Child child, TableName archive, TableName from) throws SQLException {
    String given = child.to() == null ? null : child.to().table();
    return given == null ? target(new TableName(archive.schema(), from.name())) : target(given);
  }

  /** Returns the archive tables that do not exist, each with the table to make it from. */
  List<MovedTable> missing(List<MovedTable> tables) throws SQLException {
    List<MovedTable> missing = new ArrayList<>();
    for (MovedTable table : tables) {
      if (catalog.kind(table.archive()).isEmpty()) {
        missing.add(table);
      }
    }
    return missing;
  }

  private TableName named(String text) {
    return ArchiveParameters.name(text)
        .orElseThrow(() -> new Refusal("unknown-table", Map.of("table", text)));
  }

  private TableKind usable(String text) throws SQLException {
    TableKind kind = catalog.usable(named(text), schema, scope);
    checkKind(kind);
    return kind;
  }

  private void checkKind(TableKind kind) {
    String table = kind.name().written();
    if (!kind.isTable()) {
      reasons.add(new Reason("table-type", Map.of("table", table, "type", kind.type())));
    } else if (!"InnoDB".equalsIgnoreCase(kind.engine())) {
      reasons.add(
          new Reason(
              "not-innodb", Map.of("table", table, "engine", String.valueOf(kind.engine()))));
    }
  }

  private TableName target(String text) throws SQLException {
    return target(named(text).in(schema));
  }

  private TableName target(TableName table) throws SQLException {
    if (parameters.creates()
        && scope.allows(new TableKind(table, "BASE TABLE", "InnoDB"), schema)
        && catalog.kind(table).isEmpty()) {
      if (!catalog.hasSchema(String.valueOf(table.schema()))) {
        reasons.add(Reason.of("archive-schema", "schema", String.valueOf(table.schema())));
      }
      return table;
    }
    TableKind kind = catalog.usable(table, schema, scope);
    checkKind(kind);
    return kind.name();
  }

  /** Returns the columns to copy: all that are stored, even if they are not shown. */
  private List<String> columns(TableName from, @Nullable TableName to) throws SQLException {
    List<Column> stored =
        catalog.columns(from).stream().filter(column -> !column.generated()).toList();
    stored.stream()
        .filter(Column::masked)
        .forEach(column -> reasons.add(Reason.of("archive-masked", "column", column.name())));
    if (to == null) {
      checkKey(from);
      return stored.stream().map(Column::name).toList();
    }
    List<Column> there = catalog.columns(to);
    if (!there.isEmpty()) {
      for (Column column : stored) {
        checkColumn(column, to, there);
      }
      for (String column : catalog.requiredColumns(to)) {
        if (stored.stream().noneMatch(one -> one.name().equalsIgnoreCase(column))) {
          reasons.add(
              new Reason("archive-column-extra", Map.of("table", to.written(), "column", column)));
        }
      }
      for (Trigger trigger : catalog.insertTriggers(to)) {
        reasons.add(
            new Reason(
                "archive-insert-trigger",
                Map.of("table", to.written(), "trigger", trigger.name())));
      }
    }
    return stored.stream().map(Column::name).toList();
  }

  private void checkColumn(Column column, TableName to, List<Column> there) {
    Optional<Column> same =
        there.stream().filter(one -> one.name().equalsIgnoreCase(column.name())).findFirst();
    if (same.isEmpty() || same.get().generated()) {
      reasons.add(
          new Reason(
              "archive-column-missing",
              Map.of(
                  "table", to.written(),
                  "column", column.name(),
                  "type", ColumnFit.described(column))));
    } else if (!ColumnFit.fits(column, same.get())) {
      reasons.add(
          new Reason(
              "archive-column-type",
              Map.of(
                  "table", to.written(),
                  "column", column.name(),
                  "type", ColumnFit.described(same.get()),
                  "source", ColumnFit.described(column))));
    }
  }

  /** Rejects a table without a key, whose rows could not be restored from files. */
  private void checkKey(TableName table) throws SQLException {
    try {
      KeyChoice.of(catalog.definition(table), table.written(), true);
    } catch (Refusal none) {
      reasons.add(Reason.of("archive-files-key", "table", table.written()));
    }
  }

  /** Rejects a table that rows are moved from and to, or twice. */
  private void checkNames(List<MovedTable> tables) throws SQLException {
    List<TableName> all = new ArrayList<>();
    for (MovedTable table : tables) {
      for (TableName one :
          Stream.of(table.from(), table.to()).flatMap(Stream::ofNullable).toList()) {
        for (TableName other : all) {
          if (catalog.isSame(one, other)) {
            reasons.add(Reason.of("archive-same-table", "table", one.written()));
          }
        }
        all.add(one);
      }
    }
  }

  private void checkChild(MovedTable child, String by, ChunkableStatement statement)
      throws SQLException {
    ChunkKey key = statement.key();
    String table = child.from().written();
    Optional<Column> column =
        catalog.columns(child.from()).stream()
            .filter(one -> one.name().equalsIgnoreCase(by))
            .findFirst();
    if (column.isEmpty()) {
      reasons.add(new Reason("archive-child-column", Map.of("table", table, "column", by)));
      return;
    }
    if (key.columns().size() != 1) {
      reasons.add(Reason.of("archive-child-key", "table", statement.table().written()));
      return;
    }
    String parent = key.columns().get(0).name();
    Column referred =
        catalog.columns(statement.table()).stream()
            .filter(one -> one.name().equalsIgnoreCase(parent))
            .findFirst()
            .orElseThrow();
    if (!isComparable(column.get(), referred)) {
      reasons.add(
          new Reason(
              "archive-child-type",
              Map.of(
                  "table",
                  table,
                  "column",
                  by,
                  "type",
                  ColumnFit.described(column.get()),
                  "source",
                  ColumnFit.described(referred))));
    }
    if (catalog.indexes(child.from()).stream().noneMatch(index -> index.beginsWith(by))) {
      reasons.add(new Reason("archive-child-index", Map.of("table", table, "column", by)));
    }
  }

  private static boolean isComparable(Column child, Column parent) {
    return child.type().equals(parent.type())
        && String.valueOf(child.collation()).equals(String.valueOf(parent.collation()));
  }

  /**
   * Rejects deletions that change rows which are not copied.
   *
   * @param key column by which the children of the first table are found
   */
  private void checkOthers(MovedTable table, List<MovedTable> tables, String key)
      throws SQLException {
    for (ForeignKeys.Reference reference : foreignKeys.changedByDelete(table.from())) {
      boolean moved =
          tables.stream()
              .anyMatch(
                  child ->
                      child.by() != null
                          && table.by() == null
                          && child.from().equals(reference.table())
                          && reference.columns().size() == 1
                          && reference.columns().get(0).equalsIgnoreCase(child.by())
                          && reference.referred().get(0).equalsIgnoreCase(key));
      if (!moved) {
        reasons.add(
            new Reason(
                "archive-cascade",
                Map.of(
                    "table", table.from().written(),
                    "child", reference.table().written(),
                    "column", String.join(", ", reference.columns()))));
      }
    }
    for (Trigger trigger : catalog.deleteTriggers(table.from())) {
      if (CHANGES.matcher(trigger.body()).find()) {
        reasons.add(
            new Reason(
                "archive-delete-trigger",
                Map.of("table", table.from().written(), "trigger", trigger.name())));
      }
    }
  }
}
