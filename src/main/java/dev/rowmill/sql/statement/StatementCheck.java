package dev.rowmill.sql.statement;

import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.ParsedStatement.ColumnName;
import dev.rowmill.sql.parse.ParsedStatement.Kind;
import dev.rowmill.sql.parse.ParsedStatement.OrderPart;
import dev.rowmill.sql.parse.ParsedStatement.TableUse;
import dev.rowmill.sql.parse.StatementParser;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.parse.TextSpan;
import dev.rowmill.sql.statement.StatementRenderer.Rendered;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.Catalog.Trigger;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.KeyChoice;
import dev.rowmill.sql.table.KeyColumn;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.sql.table.TableDefinition;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.sql.table.TableKind;
import dev.rowmill.sql.table.ValueTargets;
import dev.rowmill.sql.table.ViewTables;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Checks a statement against its tables: whether it may use them, which one it changes, which one
 * is walked, and along which key. For one statement and one thread.
 */
final class StatementCheck {

  private final ParsedStatement parsed;
  private final @Nullable String walk;
  private final Catalog catalog;
  private final String schema;
  private final StatementScope scope;
  private final int undividedRows;

  /** Collects the reasons why it can't run at all. */
  private final Set<Reason> reasons = new LinkedHashSet<>();

  /** Collects the reasons why it can't be divided into chunks. */
  private final Set<Reason> undivided;

  // Results from the catalog, as each query of it costs a round trip.
  private final Map<TableName, TableKind> kinds = new HashMap<>();
  private final Map<TableName, List<TableName>> standsFor = new HashMap<>();
  private final Map<TableName, List<Column>> columns = new HashMap<>();
  private final Map<TableName, TableDefinition> definitions = new HashMap<>();

  /**
   * @param walk alias or name of the table that the caller wants to be walked; null for the first
   *     table that is possible
   */
  StatementCheck(
      ParsedStatement parsed,
      @Nullable String walk,
      Connection connection,
      StatementScope scope,
      int undividedRows)
      throws SQLException {
    this.parsed = parsed;
    this.walk = walk;
    this.catalog = new Catalog(connection);
    String current = connection.getCatalog();
    this.schema = current == null ? "" : current;
    this.scope = scope;
    this.undividedRows = undividedRows;
    this.undivided = new LinkedHashSet<>(parsed.undivided());
  }

  /**
   * Holds the key along which a table is walked.
   *
   * @param rowKey unique key of the table
   */
  private record Walked(
      TableUse use, TableName table, @Nullable ChunkKey key, @Nullable ChunkKey rowKey) {}

  /**
   * Checks the statement.
   *
   * @param first the statement as rendered without its tables
   * @param again renders it for the targets of its parameters
   */
  ChunkableStatement run(Rendered first, Function<ValueTargets, Rendered> again, OptionalLong limit)
      throws SQLException {
    reasons.addAll(scope.refused(parsed));
    namesOfWith();
    refuseIfAny();
    for (TableUse use : parsed.tables()) {
      standsFor(use.name());
    }
    for (TableName table : parsed.subqueryTables()) {
      standsFor(table);
    }
    Optional<TableUse> changed = parsed.kind().inserts() ? Optional.empty() : changedTable();
    refuseIfAny();
    TableName written = parsed.insertInto() != null ? parsed.insertInto() : name(changed);
    TableName target = written.in(schema);
    Set<TableName> changedTables = new LinkedHashSet<>(standsFor(written));
    changed(written, changedTables);
    refuseIfAny();
    List<Trigger> triggers = new ArrayList<>();
    for (TableName table : changedTables) {
      triggers.addAll(catalog.triggers(table, parsed));
    }
    triggersReach(triggers);
    List<String> assigned = assigned(target);
    refuseIfAny();
    Walked walked = inOrder(walked(target, changed), limit);
    readsChanged(changedTables, triggers, walked);
    keyStays(walked, triggers, assigned, target);
    Rendered rendered = first.whole().isSettled() ? first : again.apply(targets(target));
    reasons.addAll(rendered.whole().problems(catalog.connection()));
    refuseIfAny();
    if (!undivided.isEmpty()) {
      new UndividedLimit(catalog, schema, parsed, standsFor, undividedRows)
          .refuseLarge(target, undivided);
    }
    return new ChunkableStatement(
        walked.table(),
        target,
        walked.use().alias(),
        walked.use().partitions(),
        walked.key(),
        walked.rowKey(),
        rendered,
        written.written(),
        parsed,
        assigned,
        selected(walked),
        List.copyOf(undivided),
        limit,
        new Derived());
  }

  /** Returns the columns that its parameters are compared with or assigned to. */
  private ValueTargets targets(TableName target) throws SQLException {
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

  private static TableName name(Optional<TableUse> use) {
    return use.orElseThrow().name();
  }

  private void refuseIfAny() {
    if (!reasons.isEmpty()) {
      throw StatementParser.refusal(reasons);
    }
  }

  /** Returns an existing table that the caller may use. */
  private TableKind usable(TableName table) throws SQLException {
    TableKind known = kinds.get(table);
    if (known == null) {
      known = catalog.usable(table, schema, scope);
      kinds.put(table, known);
    }
    return known;
  }

  /** Returns the tables behind a name; there may be several for a view. */
  private List<TableName> standsFor(TableName table) throws SQLException {
    TableName full = table.in(schema);
    List<TableName> known = standsFor.get(full);
    if (known == null) {
      known = new ViewTables(catalog, schema, scope).of(table, usable(table));
      standsFor.put(full, known);
    }
    return known;
  }

  private List<Column> columns(TableName table) throws SQLException {
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

  private TableDefinition definition(TableName table) throws SQLException {
    TableDefinition known = definitions.get(table);
    if (known == null) {
      known = catalog.definition(table);
      definitions.put(table, known);
      columns.put(table, known.columns());
    }
    return known;
  }

  private void namesOfWith() {
    for (String name : parsed.withNames()) {
      boolean targets =
          parsed.tables().stream().anyMatch(use -> use.name().name().equalsIgnoreCase(name))
              || (parsed.insertInto() != null && parsed.insertInto().name().equalsIgnoreCase(name));
      if (targets || StatementScope.isOwn(name)) {
        reasons.add(Reason.of("with-name", "name", name));
      }
    }
  }

  // The changed table

  /** Returns the one table that an UPDATE or DELETE changes. */
  private Optional<TableUse> changedTable() throws SQLException {
    Set<TableUse> changed = new LinkedHashSet<>();
    if (parsed.kind() == Kind.DELETE) {
      for (TableName name : parsed.deleted()) {
        changed.add(
            named(name)
                .orElseThrow(() -> new Refusal("unknown-table", Map.of("table", name.written()))));
      }
    } else {
      for (ColumnName column : parsed.assigned()) {
        owner(column).ifPresent(changed::add);
      }
    }
    if (changed.size() > 1) {
      reasons.add(Reason.of("several-tables"));
    } else if (changed.isEmpty() && reasons.isEmpty()) {
      reasons.add(Reason.of("unknown-column", "column", parsed.assigned().get(0).name()));
    }
    return changed.stream().findFirst();
  }

  /** Returns the table with this name or alias in the statement. */
  private Optional<TableUse> named(TableName name) throws SQLException {
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

  private Optional<TableUse> owner(ColumnName column) throws SQLException {
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

  /**
   * Checks the changed table.
   *
   * @param tables tables that may be changed: several for a view
   */
  private void changed(TableName written, Set<TableName> tables) throws SQLException {
    if (usable(written).isView()) {
      undivided.add(Reason.of("changes-view", "table", written.written()));
    }
    for (TableName table : tables) {
      TableKind kind = usable(table);
      if (!kind.isTable()) {
        reasons.add(new Reason("table-type", Map.of("table", table.name(), "type", kind.type())));
      } else if (!"InnoDB".equalsIgnoreCase(kind.engine())) {
        String engine = kind.engine() == null ? "?" : kind.engine();
        reasons.add(new Reason("not-innodb", Map.of("table", table.name(), "engine", engine)));
      } else if (parsed.kind() == Kind.UPDATE && parsed.ignore()) {
        ignoreIsTaken(table);
      }
    }
  }

  /**
   * Rejects an UPDATE IGNORE of a table with a hash index. MariaDB does not support it under READ
   * COMMITTED, as used for chunks, if a unique key of whole texts is a hash.
   */
  private void ignoreIsTaken(TableName table) throws SQLException {
    definition(table).indexes().stream()
        .filter(index -> !index.ordered())
        .forEach(index -> reasons.add(Reason.of("ignore-hash-key", "key", index.name())));
  }

  /** Returns the written columns; all columns if an INSERT lists none. */
  private List<String> assigned(TableName target) throws SQLException {
    List<Column> there = columns(target);
    if (parsed.kind().inserts() && !parsed.hasColumnList()) {
      List<Column> all = there.stream().filter(column -> !column.hidden()).toList();
      for (Column column : all) {
        if (column.generated() && !catalog.ignoresGenerated(parsed.ignore())) {
          reasons.add(Reason.of("assigns-generated", "column", column.name()));
        }
      }
      return all.stream().map(Column::name).toList();
    }
    List<String> assigned = new ArrayList<>();
    for (ColumnName name : parsed.assigned()) {
      assigned.add(name.name());
    }
    List<String> all = new ArrayList<>(assigned);
    parsed.onDuplicate().forEach(name -> all.add(name.name()));
    for (String name : all) {
      Optional<Column> column =
          there.stream().filter(each -> each.name().equalsIgnoreCase(name)).findFirst();
      if (column.isEmpty()) {
        reasons.add(Reason.of("unknown-column", "column", name));
      } else if (column.get().generated()
          && !parsed.defaulted().contains(name.toLowerCase(Locale.ROOT))
          && !catalog.ignoresGenerated(parsed.ignore())) {
        reasons.add(Reason.of("assigns-generated", "column", name));
      }
    }
    return List.copyOf(assigned);
  }

  private void triggersReach(List<Trigger> triggers) {
    for (Trigger trigger : triggers) {
      if (StatementScope.isNamedBy(trigger.body(), trigger.schema(), schema)) {
        reasons.add(Reason.of("trigger-reaches", "trigger", trigger.name()));
      }
    }
  }

  /**
   * Finds tables that are read and changed: a later chunk would see the changes of an earlier one.
   */
  private void readsChanged(Set<TableName> targets, List<Trigger> triggers, Walked walked)
      throws SQLException {
    List<TableName> read = new ArrayList<>(parsed.subqueryTables());
    parsed.tables().stream()
        .filter(use -> !use.equals(walked.use()))
        .forEach(use -> read.add(use.name()));
    if (read.isEmpty()) {
      return;
    }
    boolean inserts = parsed.kind() == Kind.INSERT && parsed.onDuplicate().isEmpty();
    Set<TableName> along =
        inserts
            ? Set.of()
            : catalog.changedAlong(
                targets, parsed.kind() == Kind.DELETE || parsed.kind() == Kind.REPLACE);
    for (TableName table : read) {
      for (TableName one : standsFor(table)) {
        if (isAmong(targets, one)) {
          undivided.add(Reason.of("reads-changed-table", "table", table.written()));
        } else if (isAmong(along, one)
            || triggers.stream().anyMatch(trigger -> trigger.mayWrite(one.name()))) {
          undivided.add(Reason.of("reads-changed-along", "table", table.written()));
        }
      }
    }
  }

  private boolean isAmong(Set<TableName> tables, TableName one) throws SQLException {
    for (TableName table : tables) {
      if (catalog.isSame(one, table)) {
        return true;
      }
    }
    return false;
  }

  // The walked table

  /** Returns the tables that can be walked by the statement's text, the preferred one first. */
  private List<TableUse> candidates(Optional<TableUse> changed) throws SQLException {
    List<TableUse> possible =
        changed
            .map(List::of)
            .orElseGet(() -> parsed.tables().stream().filter(use -> !use.nullable()).toList());
    if (walk == null) {
      return possible;
    }
    Optional<TableUse> wanted = named(new TableName(null, walk)).filter(possible::contains);
    if (wanted.isEmpty()) {
      reasons.add(
          new Reason(
              "walk",
              Map.of(
                  "walk",
                  walk,
                  "possible",
                  possible.isEmpty()
                      ? "-"
                      : possible.stream()
                          .map(TableUse::qualifier)
                          .collect(Collectors.joining(", ")))));
      refuseIfAny();
    }
    return List.of(wanted.orElseThrow());
  }

  private Walked walked(TableName target, Optional<TableUse> changed) throws SQLException {
    List<TableUse> candidates = candidates(changed);
    Refusal refused = null;
    for (TableUse use : candidates) {
      TableName table = use.name().in(schema);
      if (!usable(use.name()).isTable()) {
        continue;
      }
      try {
        TableDefinition definition = definition(table);
        ChunkKey key = KeyChoice.of(definition, use.name().written(), parsed.kind() == Kind.UPDATE);
        if (use.history()) {
          undivided.add(Reason.of("reads-history", "table", use.name().written()));
        }
        return new Walked(use, table, key, key);
      } catch (Refusal noKey) {
        refused = refused == null ? noKey : refused;
      }
    }
    undivided.addAll(refused == null ? notWalked(candidates) : refused.reasons());
    TableUse use =
        candidates.isEmpty()
            ? new TableUse(target, null, false, false, new TextSpan(0, 0), "")
            : candidates.get(0);
    return new Walked(use, use.name().in(schema), null, null);
  }

  private List<Reason> notWalked(List<TableUse> candidates) throws SQLException {
    for (TableUse use : candidates) {
      if (usable(use.name()).isView()) {
        String code = parsed.kind().inserts() ? "view" : "changes-view";
        return List.of(Reason.of(code, "table", use.name().written()));
      }
    }
    return List.of(Reason.of("no-source-table"));
  }

  private void keyStays(
      Walked walked, List<Trigger> triggers, List<String> assigned, TableName target)
      throws SQLException {
    ChunkKey key = walked.key();
    if (key == null) {
      return;
    }
    if (parsed.kind() == Kind.UPDATE) {
      for (KeyColumn column : key.columns()) {
        if (assigned.stream().anyMatch(column.name()::equalsIgnoreCase)) {
          undivided.add(Reason.of("assigns-key", "column", column.name()));
        }
      }
      triggersKeepKey(triggers, key);
    } else if (parsed.kind().inserts() && catalog.isSame(walked.table(), target)) {
      newRowsComeBehind(walked, key, assigned, target);
    }
  }

  private void triggersKeepKey(List<Trigger> triggers, ChunkKey key) {
    for (Trigger trigger : triggers.stream().filter(Trigger::before).toList()) {
      for (KeyColumn column : key.columns()) {
        if (trigger.maySet(column.name())) {
          undivided.add(
              new Reason(
                  "trigger-assigns-key",
                  Map.of("trigger", trigger.name(), "column", column.name())));
        }
      }
    }
  }

  /**
   * Checks that new rows get larger keys. Otherwise rows that a chunk adds could be in the range of
   * a later one.
   */
  private void newRowsComeBehind(
      Walked walked, ChunkKey key, List<String> assigned, TableName target) throws SQLException {
    KeyColumn column = key.columns().get(0);
    boolean counted =
        key.columns().size() == 1
            && columns(walked.table()).stream()
                .anyMatch(
                    each -> each.name().equalsIgnoreCase(column.name()) && each.autoIncrement());
    boolean replaces = parsed.kind() == Kind.REPLACE || !parsed.onDuplicate().isEmpty();
    if (!counted || replaces || assigned.stream().anyMatch(column.name()::equalsIgnoreCase)) {
      undivided.add(Reason.of("inserts-into-source", "table", target.name()));
    }
  }

  /** Returns the walk for a LIMIT, which needs an index with the statement's order. */
  private Walked inOrder(Walked walked, OptionalLong limit) throws SQLException {
    if (limit.isEmpty()) {
      return walked;
    }
    if (parsed.hasSeveralSources()) {
      undivided.add(Reason.of("limit-of-join"));
      return walked;
    }
    ChunkKey key = walked.key();
    if (key == null || parsed.order().isEmpty()) {
      return walked;
    }
    orderIsOf(walked);
    Optional<ChunkKey> ordered =
        KeyChoice.inOrder(
            definition(walked.table()),
            catalog.indexes(walked.table()),
            key,
            parsed.kind() == Kind.UPDATE,
            parsed.order());
    if (ordered.isEmpty()) {
      undivided.add(Reason.of("limit-order", "table", walked.table().name()));
      return walked;
    }
    return new Walked(walked.use(), walked.table(), ordered.get(), key);
  }

  /** Rejects names in ORDER BY that the walked table does not have. */
  private void orderIsOf(Walked walked) throws SQLException {
    for (OrderPart part : parsed.order()) {
      ColumnName column = part.column();
      if (column == null) {
        continue;
      }
      TableName qualifier = column.qualifier();
      boolean ofOther = qualifier != null && !named(qualifier).equals(Optional.of(walked.use()));
      // The query of an INSERT may give a value this name.
      boolean unknown =
          !parsed.kind().inserts()
              && columns(walked.table()).stream()
                  .noneMatch(each -> each.name().equalsIgnoreCase(column.name()));
      if (ofOther || unknown) {
        reasons.add(Reason.of("unknown-column", "column", column.name()));
      }
    }
    refuseIfAny();
  }

  /** Returns the columns that an INSERT copies from the walked table. */
  private List<String> selected(Walked walked) throws SQLException {
    if (!parsed.selectsAll()) {
      return parsed.selected();
    }
    return !parsed.hasSeveralSources() && parsed.selected().isEmpty()
        ? columns(walked.table()).stream()
            .filter(column -> !column.hidden())
            .map(Column::name)
            .toList()
        : Collections.emptyList();
  }
}
