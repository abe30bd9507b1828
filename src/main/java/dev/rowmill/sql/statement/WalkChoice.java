package dev.rowmill.sql.statement;

import dev.rowmill.sql.parse.Findings;
import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.ParsedStatement.ColumnName;
import dev.rowmill.sql.parse.ParsedStatement.Kind;
import dev.rowmill.sql.parse.ParsedStatement.OrderPart;
import dev.rowmill.sql.parse.ParsedStatement.TableUse;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.parse.TextSpan;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.KeyChoice;
import dev.rowmill.sql.table.TableDefinition;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Chooses the table that is walked, and the key of the walk. For one statement and one thread. */
final class WalkChoice {

  private final ParsedStatement parsed;
  private final StatementTables tables;
  private final Findings findings;
  private final @Nullable String wanted;

  /**
   * Holds the key along which a table is walked.
   *
   * @param key null if the table has none
   * @param rowKey unique key of the table
   */
  record Walked(TableUse use, TableName table, @Nullable ChunkKey key, @Nullable ChunkKey rowKey) {}

  /**
   * @param wanted alias or name of the table that the caller wants to be walked; null for the first
   *     table that is possible
   */
  WalkChoice(
      ParsedStatement parsed, StatementTables tables, Findings findings, @Nullable String wanted) {
    this.parsed = parsed;
    this.tables = tables;
    this.findings = findings;
    this.wanted = wanted;
  }

  /**
   * Returns the walk.
   *
   * @param changed table that an UPDATE or DELETE changes
   */
  Walked choose(TableName target, Optional<TableUse> changed, OptionalLong limit)
      throws SQLException {
    return inOrder(walked(target, changed), limit);
  }

  /** Returns the tables that can be walked by the statement's text, the preferred one first. */
  private List<TableUse> candidates(Optional<TableUse> changed) throws SQLException {
    List<TableUse> possible =
        changed
            .map(List::of)
            .orElseGet(() -> parsed.tables().stream().filter(use -> !use.nullable()).toList());
    if (wanted == null) {
      return possible;
    }
    Optional<TableUse> found = tables.named(new TableName(null, wanted)).filter(possible::contains);
    if (found.isEmpty()) {
      findings.reject(
          new Reason(
              "walk",
              Map.of(
                  "walk",
                  wanted,
                  "possible",
                  possible.isEmpty()
                      ? "-"
                      : possible.stream()
                          .map(TableUse::qualifier)
                          .collect(Collectors.joining(", ")))));
      findings.refuseIfAny();
    }
    return List.of(found.orElseThrow());
  }

  private Walked walked(TableName target, Optional<TableUse> changed) throws SQLException {
    List<TableUse> candidates = candidates(changed);
    Refusal refused = null;
    for (TableUse use : candidates) {
      TableName table = tables.full(use.name());
      if (!tables.usable(use.name()).isTable()) {
        continue;
      }
      try {
        TableDefinition definition = tables.definition(table);
        ChunkKey key = KeyChoice.of(definition, use.name().written(), parsed.kind() == Kind.UPDATE);
        if (use.history()) {
          findings.undivided(Reason.of("reads-history", "table", use.name().written()));
        }
        return new Walked(use, table, key, key);
      } catch (Refusal noKey) {
        refused = refused == null ? noKey : refused;
      }
    }
    findings.undivided().addAll(refused == null ? notWalked(candidates) : refused.reasons());
    TableUse use =
        candidates.isEmpty()
            ? new TableUse(target, null, false, false, new TextSpan(0, 0), "")
            : candidates.get(0);
    return new Walked(use, tables.full(use.name()), null, null);
  }

  private List<Reason> notWalked(List<TableUse> candidates) throws SQLException {
    for (TableUse use : candidates) {
      if (tables.usable(use.name()).isView()) {
        String code =
            parsed.kind().inserts() || parsed.kind().selects()
                ? ChunkableStatement.READS_VIEW
                : ChunkableStatement.CHANGES_VIEW;
        return List.of(Reason.of(code, "table", use.name().written()));
      }
    }
    return List.of(Reason.of("no-source-table"));
  }

  /** Returns the walk for a LIMIT, which needs an index with the statement's order. */
  private Walked inOrder(Walked walked, OptionalLong limit) throws SQLException {
    if (limit.isEmpty()) {
      return walked;
    }
    if (parsed.hasSeveralSources()) {
      findings.undivided(Reason.of("limit-of-join"));
      return walked;
    }
    ChunkKey key = walked.key();
    if (key == null || parsed.order().isEmpty()) {
      return walked;
    }
    orderIsOf(walked);
    Optional<ChunkKey> ordered =
        KeyChoice.inOrder(
            tables.definition(walked.table()),
            tables.catalog().indexes(walked.table()),
            key,
            parsed.kind() == Kind.UPDATE,
            parsed.order());
    if (ordered.isEmpty()) {
      findings.undivided(Reason.of("limit-order", "table", walked.table().name()));
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
      boolean ofOther =
          qualifier != null && !tables.named(qualifier).equals(Optional.of(walked.use()));
      // The query of an INSERT may give a value this name.
      boolean unknown =
          !parsed.kind().inserts()
              && tables.columns(walked.table()).stream()
                  .noneMatch(each -> each.name().equalsIgnoreCase(column.name()));
      if (ofOther || unknown) {
        findings.reject(Reason.of("unknown-column", "column", column.name()));
      }
    }
    findings.refuseIfAny();
  }

  /** Returns the columns that an INSERT copies from the walked table. */
  List<String> selected(Walked walked) throws SQLException {
    if (!parsed.selectsAll()) {
      return parsed.selected();
    }
    return !parsed.hasSeveralSources() && parsed.selected().isEmpty()
        ? tables.columns(walked.table()).stream()
            .filter(column -> !column.hidden())
            .map(Column::name)
            .toList()
        : Collections.emptyList();
  }
}
