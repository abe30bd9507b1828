package dev.rowmill.sql.plan;

import dev.rowmill.database.ServerError;
import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.statement.Explain;
import dev.rowmill.sql.statement.WalkPlan;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.DefinitionReader;
import dev.rowmill.sql.table.KeyColumn;
import dev.rowmill.sql.table.KeyValue;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.Definition;
import dev.rowmill.task.Plan;
import dev.rowmill.task.Plan.Count;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Predicts the effect of a statement. All queries that read rows are bounded in time; after a
 * timeout the server's estimate is used. For one thread.
 */
public final class SqlPlanner {

  /** Limits the time of all bounded queries together, in milliseconds. */
  private static final long ALL = 1_300;

  private static final long MATCHING = 800;
  private static final long ROWS = 250;
  private static final long STEP = 200;

  private static final String PRIMARY = "PRIMARY";
  private static final Pattern COVERED = Pattern.compile("Using index(?! condition)");

  private final PlanSession session;
  private final Connection connection;
  private final ChunkableStatement statement;
  private final ParsedStatement parsed;
  private final List<Column> columns;
  private final PlanWarnings warnings;

  private SqlPlanner(PlanSession session, ChunkableStatement statement) throws SQLException {
    this.session = session;
    this.connection = session.connection();
    this.statement = statement;
    this.parsed = statement.parsed();
    this.columns = shown(statement, new Catalog(connection).columns(statement.target()));
    this.warnings = new PlanWarnings(session, statement);
  }

  /** Returns the columns of a sample: all of a changed table, or the key and the selected ones. */
  private static List<Column> shown(ChunkableStatement statement, List<Column> all) {
    if (!statement.parsed().kind().selects()) {
      return all;
    }
    List<String> names = new ArrayList<>(statement.selected());
    statement.key().columns().forEach(column -> names.add(column.name()));
    return all.stream()
        .filter(column -> names.stream().anyMatch(column.name()::equalsIgnoreCase))
        .toList();
  }

  /**
   * Makes a plan.
   *
   * @param connection connection with auto-commit, outside of a transaction
   */
  public static Plan plan(ChunkableStatement statement, Connection connection, Plan.Sizing sizing)
      throws SQLException {
    try (PlanSession session = PlanSession.open(connection, ALL)) {
      SqlPlanner planner = new SqlPlanner(session, statement);
      return statement.isUndivided() ? planner.undivided() : planner.plan(sizing);
    }
  }

  /**
   * Returns the facts on which a plan depends.
   *
   * @param statement statement whose rows are counted; empty to count none
   */
  public static Plan.Basis basis(
      Optional<ChunkableStatement> statement, ParsedStatement parsed, Connection connection)
      throws SQLException {
    try (PlanSession session = PlanSession.open(connection, ALL)) {
      Definition definition = definition(connection, parsed);
      Optional<Long> matching = Optional.empty();
      if (statement.isPresent() && !statement.get().isUndivided()) {
        session.beginReadOnly();
        matching = new SqlPlanner(session, statement.get()).matching();
      }
      return new Plan.Basis(
          definition, matching.map(OptionalLong::of).orElseGet(OptionalLong::empty));
    }
  }

  private Optional<Long> matching() throws SQLException {
    ChunkQueries all = new ChunkQueries(statement, null);
    return matching(WalkPlan.of(statement, connection), all, condition(all));
  }

  private Optional<Long> matching(
      WalkPlan walk, ChunkQueries all, List<Map<String, @Nullable Object>> condition)
      throws SQLException {
    // MySQL would find half of a table's rows by an index, row by row. This takes several times as
    // long as a scan of the table.
    boolean detour =
        walk.queries().index() == null
            && statement.key().index().equals(PRIMARY)
            && !condition.isEmpty()
            && condition.get(0).get("key") instanceof String key
            && !key.equals(PRIMARY)
            && !COVERED.matcher(String.valueOf(condition.get(0).get("extra"))).find();
    return number(MATCHING, detour ? all.countMatchingByKey() : all.countMatching());
  }

  /** Returns the server's plan for finding all matching rows. */
  private List<Map<String, @Nullable Object>> condition(ChunkQueries all) throws SQLException {
    ChunkQueries.RangeQuery query = all.countMatching();
    return optional(STEP, () -> Explain.table(connection, query.sql(), query.before()))
        .orElse(List.of());
  }

  private Plan plan(Plan.Sizing sizing) throws SQLException {
    Definition definition = definition(connection, parsed);
    List<Plan.Warning> ofSample = new ArrayList<>();
    var sample = new RowSample(session, statement, columns);
    Optional<TableName> copy = sample.prepare(ofSample);

    session.beginReadOnly();
    WalkPlan walk = WalkPlan.of(statement, connection);
    ChunkQueries all = new ChunkQueries(statement, null);
    List<Map<String, @Nullable Object>> condition = condition(all);
    Optional<Long> counted = matching(walk, all, condition);
    Count matchingAll = count(counted, Math.min(walk.matching(), filtered(condition)));
    Count rows =
        parsed.where() == null && !statement.hasSeveralSources()
            ? matchingAll
            : count(number(ROWS, all.countAll()), walk.table());
    Count matching = statement.withinLimit(matchingAll);
    Count walked = limited(walk.queries().index() == null ? rows : matchingAll, matchingAll);
    String sizeKey = statement.table().written();
    int chunkRows = Math.max(1, sizing.rows(sizeKey, walked.rows()));
    Optional<List<List<KeyValue>>> keys =
        matching.exact() && matching.rows() == 0
            ? Optional.of(List.of())
            : optional(STEP, () -> RowSample.keys(session, statement));
    RowSample.Found found = sample.show(keys.orElse(List.of()), copy);
    PlannedChunks chunks =
        optional(STEP, () -> PlannedChunks.find(session, walk, walked, chunkRows))
            .orElse(PlannedChunks.NONE);
    Optional<Long> joined =
        all.countsKeys() && counted.isPresent()
            ? number(STEP, all.countJoined())
            : Optional.empty();
    session.rollBack();

    ChunkQueries.RangeQuery apply = apply(chunks.typical());
    List<BoundText.Value> values = values(apply, chunks.typical());
    List<Map<String, @Nullable Object>> explain =
        chunks.typical() == null ? List.of() : explain(apply.sql(), values);

    warnings.ofText();
    warnings.matches(matching, rows);
    if (all.countsKeys() && counted.isPresent()) {
      joined.ifPresent(count -> warnings.joins(counted.get(), count));
    }
    warnings.condition(condition);
    warnings.chunk(explain, chunkRows);
    warnOfOtherChanges();
    warnings.add(ofSample);
    warnings.add(found.warnings());
    if (keys.isEmpty()) {
      warnings.add(Plan.Warning.of("sample-too-long"));
    }
    return new Plan(
        apply.sql(),
        shown(values),
        key(),
        chunks.first(),
        chunks.last(),
        rows,
        matching,
        walked,
        (walked.rows() + chunkRows - 1) / chunkRows,
        explain,
        warnings.all(),
        found.rows(),
        found.rowBytes(),
        sizeKey,
        new Plan.Basis(definition, counted.map(OptionalLong::of).orElseGet(OptionalLong::empty)),
        null);
  }

  /** Plans a statement that runs unchanged in one transaction. */
  private Plan undivided() throws SQLException {
    Definition definition = definition(connection, parsed);
    BoundText whole = statement.whole();
    List<Map<String, @Nullable Object>> explain = explain(whole.sql(), whole.values());
    Count rows =
        new Count(
            statement.readsTable()
                ? new Catalog(connection).rowsUpTo(statement.table(), Integer.MAX_VALUE)
                : 0,
            true);
    Count matching =
        statement.withinLimit(
            number(MATCHING, new ChunkQueries(statement, null).countMatching())
                .map(count -> new Count(count, true))
                .orElseGet(() -> new Count(rows.rows(), false)));
    warnings.ofText();
    warnOfOtherChanges();
    return new Plan(
        whole.sql(),
        shown(whole.values()),
        null,
        null,
        null,
        rows,
        matching,
        rows,
        1,
        explain,
        warnings.all(),
        List.of(),
        0,
        statement.table().written(),
        new Plan.Basis(definition, OptionalLong.empty()),
        null);
  }

  private static Definition definition(Connection connection, ParsedStatement parsed)
      throws SQLException {
    String schema = new Catalog(connection).schema();
    Set<TableName> tables = new HashSet<>();
    if (parsed.insertInto() != null) {
      tables.add(parsed.insertInto().in(schema));
    }
    parsed.tables().forEach(use -> tables.add(use.name().in(schema)));
    return DefinitionReader.read(connection, tables);
  }

  private Plan.Key key() {
    String index = statement.key().index();
    return new Plan.Key(
        index,
        statement.key().columns().stream().map(KeyColumn::name).toList(),
        Plan.Warning.of(
            statement.limit().isPresent() && !statement.parsed().order().isEmpty()
                ? "key-order"
                : index.equals(PRIMARY) ? "key-primary" : "key-unique"));
  }

  /**
   * Returns the number of rows that are walked until a LIMIT is reached, if matching rows are
   * evenly spread.
   */
  private Count limited(Count walked, Count matching) {
    long most = statement.limit().orElse(Long.MAX_VALUE);
    if (matching.rows() <= most) {
      return walked;
    }
    double share = (double) most / matching.rows();
    return new Count(
        (long) Math.ceil(walked.rows() * share), walked.exact() && parsed.where() == null);
  }

  private static Count count(Optional<Long> counted, long estimate) {
    return counted.map(rows -> new Count(rows, true)).orElseGet(() -> new Count(estimate, false));
  }

  /**
   * Returns the number of rows that the first table's condition leaves, if the server reports their
   * share.
   */
  private static long filtered(List<Map<String, @Nullable Object>> explain) {
    return !explain.isEmpty()
            && explain.get(0).get("rows") instanceof Long rows
            && explain.get(0).get("filtered") instanceof Double percent
        ? Math.round(rows * percent / 100)
        : Long.MAX_VALUE;
  }

  private Optional<Long> number(long millis, ChunkQueries.RangeQuery query) throws SQLException {
    return optional(millis, () -> session.count(query));
  }

  /** Represents a check of the catalog that may add warnings. */
  private interface CatalogCheck {
    void run() throws SQLException;
  }

  private void warnOfOtherChanges() throws SQLException {
    warnings.setTouchesWhere();
    List<CatalogCheck> checks =
        List.of(() -> warnings.generatedColumns(columns), warnings::triggers, warnings::cascades);
    for (CatalogCheck check : checks) {
      optional(
          STEP,
          () -> {
            check.run();
            return true;
          });
    }
  }

  /**
   * Runs a query for an optional part of the plan. Its failure becomes a warning, unless the
   * connection is lost or the transaction was rolled back.
   */
  private <T> Optional<T> optional(long millis, PlanSession.Query<T> query) throws SQLException {
    try {
      return session.within(millis, query);
    } catch (SQLException e) {
      if (ServerError.isOfClass(e, "08", "40")) {
        throw e;
      }
      warnings.add(Plan.Warning.of("not-told", "message", String.valueOf(e.getMessage())));
      return Optional.empty();
    }
  }

  private ChunkQueries.RangeQuery apply(@Nullable Chunk chunk) {
    return new ChunkQueries(statement, null).apply(chunk == null || chunk.after() != null);
  }

  private List<BoundText.Value> values(ChunkQueries.RangeQuery apply, @Nullable Chunk chunk) {
    if (chunk == null) {
      return apply.before();
    }
    return apply.with(statement.key().bound(chunk.after(), chunk.upTo()));
  }

  /**
   * Explains a statement in a transaction of its own, as servers explain no change in a read-only
   * one. An EXPLAIN changes nothing; if a function that it evaluates does, the change is rolled
   * back.
   */
  private List<Map<String, @Nullable Object>> explain(String sql, List<BoundText.Value> values)
      throws SQLException {
    session.begin();
    try {
      return optional(STEP, () -> Explain.table(connection, sql, values)).orElse(List.of());
    } finally {
      session.rollBack();
    }
  }

  private static List<@Nullable Object> shown(List<BoundText.Value> values) {
    List<@Nullable Object> shown = new ArrayList<>();
    values.forEach(value -> shown.add(value.shown()));
    return Collections.unmodifiableList(shown);
  }
}
