package dev.rowmill.batch.store;

import dev.rowmill.batch.Approval;
import dev.rowmill.batch.BatchKind;
import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.BatchWork;
import dev.rowmill.batch.ChainStep;
import dev.rowmill.batch.Dependencies;
import dev.rowmill.batch.Failure;
import dev.rowmill.batch.Hold;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.NewBatch;
import dev.rowmill.batch.Progress;
import dev.rowmill.batch.Safeguards;
import dev.rowmill.batch.SkippedOf;
import dev.rowmill.batch.StoredJson;
import dev.rowmill.batch.Submission;
import dev.rowmill.batch.ThrottleLimits;
import dev.rowmill.batch.Transition;
import dev.rowmill.batch.UsualRows;
import dev.rowmill.database.Rows;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Maps the rows of the table {@code batch}: inserts and reads them, on the connection and in the
 * transaction of the caller. The lists of its columns exist only here. Rows are locked in the order
 * of their keys. Stateless.
 */
final class BatchRows {

  /** Relates a column to the value that a start stores in it. */
  private record Column(String name, Function<NewBatch, @Nullable Object> value) {}

  /** Lists the columns that come from a start. */
  private static final List<Column> OF_START =
      List.of(
          new Column("start_key", NewBatch::startKey),
          new Column("request_hash", NewBatch::requestHash),
          new Column("trace_parent", NewBatch::traceParent),
          new Column("definition", NewBatch::definition),
          spec("project", BatchSpec::project),
          spec("mode", BatchSpec::mode),
          spec("kind", spec -> spec.work().kind()),
          spec("task", spec -> spec.work().task()),
          spec("sql_text", spec -> spec.work().sql()),
          spec("walk", spec -> spec.work().walk()),
          spec("parameters", spec -> spec.work().parameters()),
          spec("undoes", spec -> spec.work().undoes()),
          spec("skipped_of", spec -> of(spec.work().skipped(), SkippedOf::batch)),
          spec("skipped_error", spec -> of(spec.work().skipped(), SkippedOf::error)),
          spec("chunk_rows", spec -> spec.settings().chunkRows()),
          spec("target_millis", spec -> spec.settings().targetMillis()),
          spec("lanes", spec -> spec.settings().lanes()),
          spec("limits", spec -> spec.settings().limits().toJson()),
          spec("safeguards", spec -> StoredJson.write(spec.safeguards())),
          spec("submitted_by", spec -> spec.submission().submittedBy()),
          spec("content_by", spec -> json(spec.submission().contentBy())),
          spec("reason", spec -> spec.submission().reason()),
          spec("statement_name", spec -> spec.submission().statement()),
          spec("secrets", spec -> names(spec.submission().secrets())),
          spec("schedule", spec -> spec.submission().schedule()),
          spec("start_at", spec -> spec.submission().startAt()),
          new Column("queues", NewBatch::queues),
          new Column("approval_rows", start -> of(start.approval(), Approval::plannedRows)),
          new Column(
              "approval_exact", start -> start.approval() != null && start.approval().exact()),
          new Column(
              "approval_usual",
              start -> of(start.approval(), approval -> of(approval.usual(), StoredJson::write))),
          new Column("approved_by", start -> of(start.approval(), Approval::approvedBy)),
          new Column("approved_at", start -> of(start.approval(), Approval::approvedAt)),
          new Column(
              "approved_by_schedule",
              start -> start.approval() != null && start.approval().bySchedule()),
          spec("labels", spec -> LabelRows.json(spec.submission().labels())),
          new Column("chain", start -> of(start.step(), ChainStep::chain)),
          new Column("step", start -> of(start.step(), ChainStep::name)),
          new Column("conditions", start -> start.predecessors().conditions().size()),
          new Column("open_conditions", start -> start.predecessors().open()));

  private static final String INSERTED =
      OF_START.stream().map(Column::name).collect(Collectors.joining(", "))
          + ", status, created_at";

  /** Lists all columns that are read. */
  static final String COLUMNS =
      "id, "
          + INSERTED
          + ", dependents, undone_by, skipped_retry, wanted, hold, node, epoch, started_at,"
          + " finished_at, ran_millis, error";

  private BatchRows() {}

  private static Column spec(String name, Function<BatchSpec, @Nullable Object> value) {
    return new Column(name, start -> value.apply(start.spec()));
  }

  /**
   * Stores new batches, and updates the newest batch of their projects.
   *
   * @return the batches, in the order of their starts
   */
  static List<BatchView> insert(
      BatchTransaction transaction, List<NewBatch> starts, BatchStatus status) throws SQLException {
    Transition.check(null, status);
    Connection connection = transaction.connection();
    List<@Nullable Object> values = new ArrayList<>();
    for (NewBatch start : starts) {
      transaction.lockNeeded(start.spec().work());
      OF_START.forEach(column -> values.add(column.value.apply(start)));
      values.add(status);
      values.add(transaction.now());
    }
    String insert =
        "INSERT INTO batch ("
            + INSERTED
            + ") VALUES "
            + Rows.lists(starts.size(), values.size() / starts.size());
    Map<String, Long> ids = new HashMap<>();
    if (starts.size() == 1) {
      ids.put(starts.get(0).startKey(), Rows.insert(connection, insert, values));
    } else {
      Rows.update(connection, insert, values);
      // The generated ids of a statement with several rows need not be consecutive.
      Rows.query(
          connection,
          "SELECT start_key, id FROM batch WHERE start_key IN " + Rows.list(starts.size()),
          row -> ids.put(row.getString(1), row.getLong(2)),
          starts.stream().map(NewBatch::startKey).toList());
    }
    List<BatchView> stored =
        starts.stream()
            .map(
                start ->
                    view(
                        start,
                        Objects.requireNonNull(ids.get(start.startKey())),
                        status,
                        transaction.now()))
            .toList();
    for (BatchView batch : stored) {
      Sources.name(connection, batch);
    }
    LabelRows.insert(connection, stored);
    updateNewest(connection, stored);
    stored.forEach(batch -> transaction.publish(StatusRow.of(batch)));
    return stored;
  }

  private static void updateNewest(Connection connection, List<BatchView> stored)
      throws SQLException {
    Map<String, Long> newest = new TreeMap<>();
    stored.forEach(batch -> newest.merge(batch.project(), batch.id(), Math::max));
    List<Object> values = new ArrayList<>();
    newest.forEach((project, id) -> values.addAll(List.of(project, id)));
    Rows.update(
        connection,
        "INSERT INTO project (name, last_batch) VALUES "
            + Rows.lists(newest.size(), 2)
            + " ON DUPLICATE KEY UPDATE last_batch = GREATEST(last_batch, VALUES(last_batch))",
        values);
  }

  /** Returns a batch with its details; empty when there is none with that id. */
  static Optional<BatchView> find(Connection connection, long id) throws SQLException {
    return withDetails(connection, withIds(connection, List.of(id))).stream().findFirst();
  }

  /** Returns a batch without its details, locked until the transaction ends. */
  static Optional<BatchView> lock(Connection connection, long id) throws SQLException {
    return lock(connection, List.of(id)).stream().findFirst();
  }

  /** Returns batches without their details, locked until the transaction ends. */
  static List<BatchView> lock(Connection connection, Collection<Long> ids) throws SQLException {
    return select(
        connection, "WHERE id IN " + Rows.list(ids.size()) + " ORDER BY id FOR UPDATE", ids);
  }

  /**
   * Writes to locked rows. A Galera cluster replicates no locks, only writes. So when transactions
   * on two of its servers lock the same row at the same time, one of them is repeated.
   */
  static void countLock(Connection connection, List<Long> ids) throws SQLException {
    if (!ids.isEmpty()) {
      Rows.update(
          connection,
          "UPDATE batch SET lock_count = lock_count + 1 WHERE id IN " + Rows.list(ids.size()),
          ids);
    }
  }

  /** Returns the existing batches among the given ids, without their details. */
  static List<BatchView> withIds(Connection connection, Collection<Long> ids) throws SQLException {
    return ids.isEmpty()
        ? List.of()
        : select(connection, "WHERE id IN " + Rows.list(ids.size()) + " ORDER BY id", ids);
  }

  /** Returns the batches that a condition selects, without their details. */
  static List<BatchView> select(Connection connection, String where, Object... values)
      throws SQLException {
    return Rows.query(
        connection, "SELECT " + COLUMNS + " FROM batch " + where, BatchRows::view, values);
  }

  /** Completes batches with their details: progress, waits, conditions, and positions in queues. */
  static List<BatchView> withDetails(Connection connection, List<BatchView> batches)
      throws SQLException {
    if (batches.isEmpty()) {
      return List.of();
    }
    List<Long> ids = batches.stream().map(BatchView::id).toList();
    Map<Long, Progress> progress = Checkpoints.progress(connection, ids);
    Map<Long, Map<String, Long>> waits = new HashMap<>();
    Rows.query(
        connection,
        "SELECT batch, reason, millis FROM batch_wait WHERE batch IN " + Rows.list(ids.size()),
        row ->
            waits
                .computeIfAbsent(row.getLong(1), id -> new TreeMap<>())
                .put(row.getString(2), row.getLong(3)),
        ids);
    Map<Long, Long> positions = ProjectQueues.positions(connection, batches);
    return Conditions.read(connection, batches).stream()
        .map(
            batch ->
                batch.withDetails(
                    progress.getOrDefault(batch.id(), Progress.NONE),
                    waits.getOrDefault(batch.id(), Map.of()),
                    positions.get(batch.id())))
        .toList();
  }

  private static BatchView view(NewBatch start, long id, BatchStatus status, Instant createdAt) {
    return new BatchView(
        id,
        start.spec(),
        status,
        start.approval(),
        start.step(),
        Dependencies.of(start.predecessors()),
        0,
        null,
        null,
        null,
        start.traceParent(),
        null,
        0,
        createdAt,
        null,
        null,
        null,
        null,
        Progress.NONE,
        Map.of(),
        null);
  }

  /** Maps a row without the details of the batch. */
  static BatchView view(ResultSet row) throws SQLException {
    return new BatchView(
        row.getLong("id"),
        spec(row),
        BatchStatus.valueOf(row.getString("status")),
        approval(row),
        step(row),
        new Dependencies(
            row.getInt("conditions"),
            row.getInt("open_conditions"),
            row.getInt("dependents"),
            List.of()),
        row.getLong("ran_millis"),
        row.getObject("undone_by", Long.class),
        row.getObject("skipped_retry", Long.class),
        Rows.value(row, "wanted", BatchStatus.class),
        row.getString("trace_parent"),
        row.getString("node"),
        row.getInt("epoch"),
        Objects.requireNonNull(Rows.time(row, "created_at")),
        Rows.time(row, "started_at"),
        Rows.time(row, "finished_at"),
        of(row.getString("error"), Failure::fromJson),
        of(row.getString("hold"), Hold::fromJson),
        Progress.NONE,
        Map.of(),
        null);
  }

  private static BatchSpec spec(ResultSet row) throws SQLException {
    String safeguards = row.getString("safeguards");
    String secrets = row.getString("secrets");
    String contentBy = row.getString("content_by");
    Long error = row.getObject("skipped_error", Long.class);
    return new BatchSpec(
        row.getString("project"),
        new BatchWork(
            BatchKind.valueOf(row.getString("kind")),
            row.getString("task"),
            row.getString("sql_text"),
            row.getString("walk"),
            row.getString("parameters"),
            row.getObject("undoes", Long.class),
            of(row.getObject("skipped_of", Long.class), batch -> new SkippedOf(batch, error))),
        Mode.valueOf(row.getString("mode")),
        settings(row),
        safeguards == null ? Safeguards.NONE : StoredJson.read(safeguards, Safeguards.class),
        new Submission(
            row.getString("submitted_by"),
            contentBy == null ? Set.of() : Set.of(StoredJson.read(contentBy, String[].class)),
            row.getString("reason"),
            row.getString("statement_name"),
            secrets == null ? Set.of() : Set.of(secrets.split(",")),
            LabelRows.read(row.getString("labels")),
            row.getString("schedule"),
            Rows.time(row, "start_at")));
  }

  static BatchSettings settings(ResultSet row) throws SQLException {
    return new BatchSettings(
        row.getObject("chunk_rows", Integer.class),
        row.getObject("target_millis", Integer.class),
        row.getInt("lanes"),
        ThrottleLimits.fromJson(row.getString("limits")));
  }

  private static @Nullable Approval approval(ResultSet row) throws SQLException {
    Long rows = row.getObject("approval_rows", Long.class);
    return rows == null
        ? null
        : new Approval(
            rows,
            row.getBoolean("approval_exact"),
            of(row.getString("approval_usual"), json -> StoredJson.read(json, UsualRows.class)),
            row.getString("approved_by"),
            Rows.time(row, "approved_at"),
            row.getBoolean("approved_by_schedule"));
  }

  private static @Nullable ChainStep step(ResultSet row) throws SQLException {
    Long chain = row.getObject("chain", Long.class);
    return chain == null
        ? null
        : new ChainStep(chain, Objects.requireNonNull(row.getString("step")));
  }

  private static @Nullable String names(Set<String> names) {
    return names.isEmpty() ? null : String.join(",", new TreeSet<>(names));
  }

  private static @Nullable String json(Set<String> names) {
    return names.isEmpty() ? null : StoredJson.write(new TreeSet<>(names));
  }

  private static <T, R> @Nullable R of(@Nullable T value, Function<T, @Nullable R> function) {
    return value == null ? null : function.apply(value);
  }
}
