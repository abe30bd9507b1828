package dev.rowmill.sql.statement;

import dev.rowmill.sql.parse.Findings;
import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.ParsedStatement.ColumnName;
import dev.rowmill.sql.parse.ParsedStatement.Kind;
import dev.rowmill.sql.parse.ParsedStatement.TableUse;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.sql.table.TableKind;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Checks the table that a statement changes, and its written columns. For one thread. */
final class TargetCheck {

  private final ParsedStatement parsed;
  private final StatementTables tables;
  private final Findings findings;

  TargetCheck(ParsedStatement parsed, StatementTables tables, Findings findings) {
    this.parsed = parsed;
    this.tables = tables;
    this.findings = findings;
  }

  /** Returns the one table that an UPDATE or DELETE changes. */
  Optional<TableUse> changedTable() throws SQLException {
    Set<TableUse> changed = new LinkedHashSet<>();
    if (parsed.kind() == Kind.DELETE) {
      for (TableName name : parsed.deleted()) {
        changed.add(
            tables
                .named(name)
                .orElseThrow(() -> new Refusal("unknown-table", Map.of("table", name.written()))));
      }
    } else {
      for (ColumnName column : parsed.assigned()) {
        tables.owner(column).ifPresent(changed::add);
      }
    }
    if (changed.size() > 1) {
      findings.reject(Reason.of("several-tables"));
    } else if (changed.isEmpty() && findings.reasons().isEmpty()) {
      findings.reject(Reason.of("unknown-column", "column", parsed.assigned().get(0).name()));
    }
    return changed.stream().findFirst();
  }

  /**
   * Checks the changed table.
   *
   * @param changed tables that may be changed: several for a view
   */
  void changed(TableName written, Set<TableName> changed) throws SQLException {
    if (tables.usable(written).isView()) {
      findings.undivided(Reason.of(ChunkableStatement.CHANGES_VIEW, "table", written.written()));
    }
    for (TableName table : changed) {
      TableKind kind = tables.usable(table);
      if (!kind.isTable()) {
        findings.reject(
            new Reason("table-type", Map.of("table", table.name(), "type", kind.type())));
      } else if (!"InnoDB".equalsIgnoreCase(kind.engine())) {
        String engine = kind.engine() == null ? "?" : kind.engine();
        findings.reject(new Reason("not-innodb", Map.of("table", table.name(), "engine", engine)));
      } else if (parsed.kind() == Kind.UPDATE && parsed.ignore()) {
        checkHashKeys(table);
      }
    }
  }

  /**
   * Rejects an UPDATE IGNORE of a table with a hash index. MariaDB does not support it under READ
   * COMMITTED, as used for chunks, if a unique key of whole texts is a hash.
   */
  private void checkHashKeys(TableName table) throws SQLException {
    tables.definition(table).indexes().stream()
        .filter(index -> !index.ordered())
        .forEach(index -> findings.reject(Reason.of("ignore-hash-key", "key", index.name())));
  }

  /** Returns the written columns; all columns if an INSERT lists none. */
  List<String> assigned(TableName target) throws SQLException {
    List<Column> there = tables.columns(target);
    if (parsed.kind().inserts() && !parsed.hasColumnList()) {
      List<Column> all = there.stream().filter(column -> !column.hidden()).toList();
      for (Column column : all) {
        if (column.generated() && !tables.catalog().ignoresGenerated(parsed.ignore())) {
          findings.reject(Reason.of("assigns-generated", "column", column.name()));
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
        findings.reject(Reason.of("unknown-column", "column", name));
      } else if (column.get().generated()
          && !parsed.defaulted().contains(name.toLowerCase(Locale.ROOT))
          && !tables.catalog().ignoresGenerated(parsed.ignore())) {
        findings.reject(Reason.of("assigns-generated", "column", name));
      }
    }
    return List.copyOf(assigned);
  }
}
