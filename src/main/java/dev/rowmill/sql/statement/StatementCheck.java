package dev.rowmill.sql.statement;

import dev.rowmill.sql.parse.Findings;
import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.ParsedStatement.Kind;
import dev.rowmill.sql.parse.ParsedStatement.TableUse;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.statement.StatementRenderer.Rendered;
import dev.rowmill.sql.statement.WalkChoice.Walked;
import dev.rowmill.sql.table.ForeignKeys;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.sql.table.Trigger;
import dev.rowmill.sql.table.ValueTargets;
import dev.rowmill.task.Refusal.Reason;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Checks a statement against its tables: whether it may use them, which one it changes, which one
 * is walked, and along which key. For one statement and one thread.
 */
final class StatementCheck {

  private final ParsedStatement parsed;
  private final @Nullable String walk;
  private final StatementScope scope;
  private final int undividedRows;
  private final StatementTables tables;
  private final Findings findings;

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
    this.scope = scope;
    this.undividedRows = undividedRows;
    this.tables = new StatementTables(parsed, connection, scope);
    this.findings = new Findings();
    parsed.undivided().forEach(findings::undivided);
  }

  /**
   * Checks the statement.
   *
   * @param first the statement as rendered without its tables
   * @param again renders it for the targets of its parameters
   */
  ChunkableStatement run(Rendered first, Function<ValueTargets, Rendered> again, OptionalLong limit)
      throws SQLException {
    boolean reads = parsed.kind() == Kind.SELECT;
    scope.refused(parsed).forEach(findings::reject);
    namesOfWith();
    findings.refuseIfAny();
    for (TableUse use : parsed.tables()) {
      tables.standsFor(use.name());
    }
    for (TableName table : parsed.subqueryTables()) {
      tables.standsFor(table);
    }
    var targetCheck = new TargetCheck(parsed, tables, findings);
    Optional<TableUse> changed =
        parsed.kind().selects()
            ? Optional.of(parsed.tables().get(0))
            : parsed.kind().inserts() ? Optional.empty() : targetCheck.changedTable();
    findings.refuseIfAny();
    TableName written =
        parsed.insertInto() != null ? parsed.insertInto() : changed.orElseThrow().name();
    TableName target = tables.full(written);
    Set<TableName> changedTables =
        reads ? Set.of() : new LinkedHashSet<>(tables.standsFor(written));
    if (!reads) {
      targetCheck.changed(written, changedTables);
    }
    findings.refuseIfAny();
    List<Trigger> triggers = triggers(changedTables);
    List<String> assigned = targetCheck.assigned(target);
    findings.refuseIfAny();
    var walkChoice = new WalkChoice(parsed, tables, findings, walk);
    Walked walked = walkChoice.choose(target, changed, limit);
    if (!reads) {
      var independence = new ChunkIndependence(parsed, tables, findings, triggers);
      independence.readsChanged(changedTables, walked);
      independence.keyStays(walked, assigned, target);
    }
    Rendered rendered = first.whole().isSettled() ? first : again.apply(tables.targets(target));
    rendered.whole().problems(tables.catalog().connection()).forEach(findings::reject);
    findings.refuseIfAny();
    if (!findings.undivided().isEmpty()) {
      new UndividedLimit(parsed, tables, undividedRows).refuseLarge(target, findings.undivided());
    }
    var derived = new Derived();
    derived.set(tables.definition());
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
        needsOrder(target, assigned),
        walkChoice.selected(walked),
        List.copyOf(findings.undivided()),
        limit,
        derived);
  }

  private boolean needsOrder(TableName target, List<String> assigned) throws SQLException {
    return switch (parsed.kind()) {
      case SELECT -> false;
      case UPDATE -> tables.definition(target).hasUniqueKeyOf(assigned);
      case DELETE, EXCHANGE, INSERT, REPLACE ->
          new ForeignKeys(tables.catalog().connection()).refersToItself(target);
    };
  }

  private void namesOfWith() {
    for (String name : parsed.withNames()) {
      boolean targets =
          parsed.tables().stream().anyMatch(use -> use.name().name().equalsIgnoreCase(name))
              || (parsed.insertInto() != null && parsed.insertInto().name().equalsIgnoreCase(name));
      if (targets || StatementScope.isOwn(name)) {
        findings.reject(Reason.of("with-name", "name", name));
      }
    }
  }

  /** Returns the triggers that the statement fires, and rejects some of them. */
  private List<Trigger> triggers(Set<TableName> changedTables) throws SQLException {
    List<Trigger> triggers = new ArrayList<>();
    for (TableName table : changedTables) {
      triggers.addAll(tables.triggers(table));
    }
    for (Trigger trigger : triggers) {
      if (StatementScope.isNamedBy(trigger.body(), trigger.schema(), tables.schema())) {
        findings.reject(Reason.of("trigger-reaches", "trigger", trigger.name()));
      }
    }
    return triggers;
  }
}
