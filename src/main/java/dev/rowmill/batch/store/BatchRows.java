package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchKind;
import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Claim;
import dev.rowmill.batch.Directive;
import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.Progress;
import dev.rowmill.batch.SecretValues;
import dev.rowmill.batch.ThrottleLimits;
import dev.rowmill.database.StoredTime;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Inserts, claims and ends the rows of groups of batches with a few statements. Uses the connection
 * and transaction of the caller. Plain SQL, since these run for every batch and Hibernate takes
 * several times as long. Rows are locked in the order of their keys. Stateless.
 */
final class BatchRows {

  private static final String INSERTED =
      "project, kind, task, sql_text, parameters, mode, status, chunk_rows, target_millis, lanes,"
          + " limits, undoes, reason, start_key, request_hash,"
          + " trace_parent, created_at, submitted_by, statement_name, secrets, safeguards,"
          + " approval_rows, approval_exact, walk";

  private static final String SELECT =
      "SELECT id, project, kind, task, sql_text, parameters, mode, status, chunk_rows,"
          + " target_millis, lanes, limits, wanted, reason, node, epoch, created_at, started_at,"
          + " finished_at, error, undoes, undone_by, hold,"
          + " submitted_by, statement_name, secrets, safeguards, ran_millis, approval_rows,"
          + " approval_exact, approved_by, approved_at, trace_parent, walk"
          + " FROM batch";

  private static final String WAITS = "SELECT reason, millis FROM batch_wait WHERE batch = ?";

  private BatchRows() {}

  /** Stores new batches, sets their ids, and updates the newest batch of their projects. */
  static void insert(Connection connection, List<Batch> batches) throws SQLException {
    String row = list(INSERTED.split(",").length);
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO batch ("
                + INSERTED
                + ") VALUES "
                + String.join(", ", Collections.nCopies(batches.size(), row)),
            Statement.RETURN_GENERATED_KEYS)) {
      int i = 0;
      for (Batch batch : batches) {
        insert.setString(++i, batch.project);
        insert.setString(++i, batch.kind.name());
        insert.setString(++i, batch.task);
        insert.setString(++i, batch.sql);
        insert.setString(++i, batch.parameters);
        insert.setString(++i, batch.mode.name());
        insert.setString(++i, batch.status().name());
        insert.setObject(++i, batch.chunkRows);
        insert.setObject(++i, batch.targetMillis);
        insert.setInt(++i, batch.lanes);
        insert.setString(++i, batch.limits);
        insert.setObject(++i, batch.undoes);
        insert.setString(++i, batch.reason);
        insert.setString(++i, batch.startKey);
        insert.setString(++i, batch.requestHash);
        insert.setString(++i, batch.traceParent);
        insert.setString(++i, StoredTime.text(batch.createdAt));
        insert.setString(++i, batch.submittedBy);
        insert.setString(++i, batch.statement);
        insert.setString(++i, batch.secrets);
        insert.setString(++i, batch.safeguards);
        insert.setObject(++i, batch.approvalRows);
        insert.setBoolean(++i, batch.approvalExact);
        insert.setString(++i, batch.walk);
      }
      insert.executeUpdate();
      if (batches.size() == 1) {
        try (ResultSet key = insert.getGeneratedKeys()) {
          key.next();
          batches.get(0).id = key.getLong(1);
        }
      }
    }
    if (batches.size() > 1) {
      findIds(connection, batches);
    }
    noteNewest(connection, batches);
  }

  /** Reads the generated ids: those of a statement with several rows need not be consecutive. */
  private static void findIds(Connection connection, List<Batch> batches) throws SQLException {
    Map<String, Long> ids = new HashMap<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT start_key, id FROM batch WHERE start_key IN " + list(batches.size()))) {
      for (int i = 0; i < batches.size(); i++) {
        select.setString(i + 1, batches.get(i).startKey);
      }
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          ids.put(row.getString(1), row.getLong(2));
        }
      }
    }
    batches.forEach(batch -> batch.id = ids.get(batch.startKey));
  }

  private static void noteNewest(Connection connection, List<Batch> batches) throws SQLException {
    Map<String, Long> newest = new TreeMap<>();
    batches.forEach(batch -> newest.merge(batch.project, batch.storedId(), Math::max));
    try (PreparedStatement upsert =
        connection.prepareStatement(
            "INSERT INTO project (name, last_batch) VALUES "
                + String.join(", ", Collections.nCopies(newest.size(), list(2)))
                + " ON DUPLICATE KEY UPDATE"
                + " last_batch = GREATEST(last_batch, VALUES(last_batch))")) {
      int i = 0;
      for (Map.Entry<String, Long> project : newest.entrySet()) {
        upsert.setString(++i, project.getKey());
        upsert.setLong(++i, project.getValue());
      }
      upsert.executeUpdate();
    }
  }

  /** Returns a batch without its position in a queue. */
  static Optional<BatchView> view(Connection connection, long id) throws SQLException {
    List<Batch> found = find(connection, List.of(id), false);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Long> waits = new TreeMap<>();
    try (PreparedStatement select = connection.prepareStatement(WAITS)) {
      select.setLong(1, id);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          waits.put(row.getString(1), row.getLong(2));
        }
      }
    }
    Progress progress = Checkpoints.progress(connection, id);
    return Optional.of(found.get(0).view(progress, waits, null));
  }

  /**
   * Claims batches for new runs.
   *
   * @param ids without duplicates
   * @param now current time as text
   * @param rules rules that must all allow the claim
   * @param noted collects the changes to running
   * @return a claim for each batch; empty for one that has ended or must not run
   */
  static List<Optional<Claim>> claim(
      Connection connection,
      List<Long> ids,
      String node,
      String now,
      Iterable<ClaimRule> rules,
      PendingChanges noted)
      throws SQLException {
    Map<Long, Batch> claimed = new LinkedHashMap<>();
    for (Batch batch : find(connection, ids, true)) {
      if (mayRun(connection, batch, rules)) {
        batch.epoch++;
        batch.node = node;
        if (batch.startedAt == null) {
          batch.startedAt = StoredTime.time(now);
        }
        batch.moveTo(BatchStatus.RUNNING, noted);
        claimed.put(batch.storedId(), batch);
      }
    }
    if (claimed.isEmpty()) {
      return ids.stream().map(id -> Optional.<Claim>empty()).toList();
    }
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE batch SET status = ?, epoch = epoch + 1, node = ?,"
                + " started_at = COALESCE(started_at, ?) WHERE id IN "
                + list(claimed.size()))) {
      update.setString(1, BatchStatus.RUNNING.name());
      update.setString(2, node);
      update.setString(3, now);
      bind(update, 4, claimed.keySet());
      update.executeUpdate();
    }
    Map<Long, List<LaneState>> lanes = Checkpoints.takeOver(connection, epochs(claimed.values()));
    return ids.stream()
        .map(id -> Optional.ofNullable(claimed.get(id)))
        .map(found -> found.map(batch -> claimOf(batch, lanes.get(batch.storedId()))))
        .toList();
  }

  private static boolean mayRun(Connection connection, Batch batch, Iterable<ClaimRule> rules)
      throws SQLException {
    boolean may = batch.status() == BatchStatus.QUEUED || batch.status() == BatchStatus.RUNNING;
    for (ClaimRule rule : rules) {
      may = may && rule.allows(connection, batch.storedId(), batch.mode, batch.status());
    }
    return may;
  }

  private static Map<Long, Integer> epochs(Collection<Batch> batches) {
    Map<Long, Integer> epochs = new LinkedHashMap<>();
    batches.forEach(batch -> epochs.put(batch.storedId(), batch.epoch));
    return epochs;
  }

  private static Claim claimOf(Batch batch, @Nullable List<LaneState> lanes) {
    if (lanes == null) {
      throw new IllegalStateException("batch " + batch.storedId() + " has no lanes");
    }
    Progress progress =
        lanes.stream().map(LaneState::progress).reduce(Progress::plus).orElseThrow();
    return new Claim(batch.view(progress, Map.of(), null), lanes);
  }

  /**
   * Ends batches with one status.
   *
   * @param runs epoch of the run that ends each batch, by the batch's id
   * @param now current time as text
   * @param noted receives the changes
   * @return ids of the batches that their runs have ended with this status, now or in an earlier
   *     attempt; the runs of others were fenced out
   */
  static Collection<Long> end(
      Connection connection,
      Map<Long, Integer> runs,
      BatchStatus status,
      @Nullable String error,
      String now,
      PendingChanges noted)
      throws SQLException {
    List<Long> toEnd = new ArrayList<>();
    List<Long> toForget = new ArrayList<>();
    List<Long> ended = new ArrayList<>();
    for (Batch batch : findToEnd(connection, runs.keySet())) {
      Long id = batch.storedId();
      boolean own = Integer.valueOf(batch.epoch).equals(runs.get(id));
      if (own && batch.status() == BatchStatus.RUNNING) {
        batch.moveTo(status, noted);
        toEnd.add(id);
        if (batch.secrets != null) {
          toForget.add(id);
        }
      } else if (own && batch.status() == status) {
        // The commit of an earlier try has gone through unanswered.
        noted.add(batch);
        ended.add(id);
      }
    }
    if (!toEnd.isEmpty()) {
      try (PreparedStatement update =
          connection.prepareStatement(
              "UPDATE batch SET status = ?, wanted = NULL, forced = FALSE, error = ?, finished_at = ?"
                  + " WHERE id IN "
                  + list(toEnd.size()))) {
        update.setString(1, status.name());
        update.setString(2, error);
        update.setString(3, now);
        bind(update, 4, toEnd);
        update.executeUpdate();
      }
    }
    forgetSecrets(connection, toForget);
    if (status == BatchStatus.FAILED) {
      LaneLeases.fenceOut(connection, toEnd);
    }
    ended.addAll(toEnd);
    return ended;
  }

  /** Returns the current directives for runs, by the ids of the batches. */
  static Map<Long, Directive> directives(Connection connection, Collection<Long> ids)
      throws SQLException {
    Map<Long, Directive> directives = new HashMap<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT id, wanted, forced, epoch, chunk_rows, target_millis, lanes, limits"
                + " FROM batch WHERE id IN "
                + list(ids.size()))) {
      bind(select, 1, ids);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          directives.put(
              row.getLong("id"),
              new Directive(
                  row.getInt("epoch"),
                  row.getString("wanted") != null,
                  row.getBoolean("forced"),
                  new BatchSettings(
                      row.getObject("chunk_rows", Integer.class),
                      row.getObject("target_millis", Integer.class),
                      row.getInt("lanes"),
                      ThrottleLimits.fromJson(row.getString("limits")))));
        }
      }
    }
    return directives;
  }

  /** Returns the ids of the queued and running batches, in ascending order. */
  static List<Long> toRun(Connection connection) throws SQLException {
    List<Long> ids = new ArrayList<>();
    try (PreparedStatement select =
            connection.prepareStatement(
                "SELECT id FROM batch WHERE status IN ('QUEUED', 'RUNNING') ORDER BY id");
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        ids.add(row.getLong(1));
      }
    }
    return ids;
  }

  /** Masks the stored values of secret parameters. */
  static void forgetSecrets(Connection connection, List<Long> ids) throws SQLException {
    for (Batch batch : ids.isEmpty() ? List.<Batch>of() : find(connection, ids, false)) {
      try (PreparedStatement update =
          connection.prepareStatement("UPDATE batch SET parameters = ? WHERE id = ?")) {
        update.setString(1, SecretValues.masked(batch.parameters, batch.secrets()));
        update.setLong(2, batch.storedId());
        update.executeUpdate();
      }
    }
  }

  /**
   * Queues the first waiting batch of each project that has no active batch.
   *
   * @param noted collects the changes to queued
   * @return the batch that is queued now, by project, even if it was queued before; to be launched,
   *     and so without its progress
   */
  static Map<String, BatchView> queueNext(
      Connection connection, Collection<String> projects, PendingChanges noted)
      throws SQLException {
    lock(connection, projects);
    List<Long> heads = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            // The hint keeps a server from scanning the whole history of a project.
            "SELECT COALESCE(MIN(IF(status = 'WAITING', NULL, id)), MIN(id)) FROM batch"
                + " FORCE INDEX (batch_by_project_status_and_mode) WHERE project IN "
                + list(projects.size())
                + " AND status IN ('QUEUED', 'RUNNING', 'PAUSED', 'WAITING')"
                // A batch that awaits its approval is in no queue.
                + " AND (approval_rows IS NULL OR approved_at IS NOT NULL) GROUP BY project")) {
      bind(select, 1, projects);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          heads.add(row.getLong(1));
        }
      }
    }
    Map<String, BatchView> queued = new HashMap<>();
    for (Batch batch : heads.isEmpty() ? List.<Batch>of() : find(connection, heads, false)) {
      if (batch.status() == BatchStatus.WAITING) {
        try (PreparedStatement update =
            connection.prepareStatement(
                "UPDATE batch SET status = ? WHERE id = ? AND status = ?")) {
          update.setString(1, BatchStatus.QUEUED.name());
          update.setLong(2, batch.storedId());
          update.setString(3, batch.status().name());
          // Read without a lock, it may have been cancelled since.
          if (update.executeUpdate() == 1) {
            batch.moveTo(BatchStatus.QUEUED, noted);
          }
        }
      }
      // Perhaps queued by a try whose answer was lost; launching it twice does nothing.
      if (batch.status() == BatchStatus.QUEUED) {
        queued.put(batch.project, batch.view(Progress.NONE, Map.of(), null));
      }
    }
    return queued;
  }

  /**
   * Locks the rows of projects. A batch that joins a project's queue writes the project's row and
   * locks it until its commit. If the batch before it ends meanwhile, this transaction sees the new
   * batch, or its own check of the queue sees the end.
   */
  private static void lock(Connection connection, Collection<String> projects) throws SQLException {
    try (PreparedStatement lock =
        connection.prepareStatement(
            "SELECT name FROM project WHERE name IN "
                + list(projects.size())
                + " ORDER BY name FOR UPDATE")) {
      bind(lock, 1, projects);
      lock.executeQuery().close();
    }
  }

  /** Locks batches and reads the columns that an end needs; statements may be long. */
  private static List<Batch> findToEnd(Connection connection, Collection<Long> ids)
      throws SQLException {
    List<Batch> found = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT id, project, mode, epoch, status, secrets FROM batch WHERE id IN "
                + list(ids.size())
                + " ORDER BY id FOR UPDATE")) {
      bind(select, 1, ids);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          Batch batch = Batch.withStatus(BatchStatus.valueOf(row.getString(5)));
          batch.id = row.getLong(1);
          batch.project = row.getString(2);
          batch.mode = Mode.valueOf(row.getString(3));
          batch.epoch = row.getInt(4);
          batch.secrets = row.getString(6);
          found.add(batch);
        }
      }
    }
    return found;
  }

  private static List<Batch> find(Connection connection, Collection<Long> ids, boolean lock)
      throws SQLException {
    List<Batch> found = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            SELECT
                + " WHERE id IN "
                + list(ids.size())
                + " ORDER BY id"
                + (lock ? " FOR UPDATE" : ""))) {
      bind(select, 1, ids);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          found.add(batch(row));
        }
      }
    }
    return found;
  }

  private static Batch batch(ResultSet row) throws SQLException {
    Batch batch = Batch.withStatus(BatchStatus.valueOf(row.getString(8)));
    int i = 0;
    batch.id = row.getLong(++i);
    batch.project = row.getString(++i);
    batch.kind = BatchKind.valueOf(row.getString(++i));
    batch.task = row.getString(++i);
    batch.sql = row.getString(++i);
    batch.parameters = row.getString(++i);
    batch.mode = Mode.valueOf(row.getString(++i));
    i++;
    batch.chunkRows = row.getObject(++i, Integer.class);
    batch.targetMillis = row.getObject(++i, Integer.class);
    batch.lanes = row.getInt(++i);
    batch.limits = row.getString(++i);
    String wanted = row.getString(++i);
    batch.wanted = wanted == null ? null : BatchStatus.valueOf(wanted);
    batch.reason = row.getString(++i);
    batch.node = row.getString(++i);
    batch.epoch = row.getInt(++i);
    batch.createdAt = time(row, ++i);
    batch.startedAt = row.getObject(++i) == null ? null : time(row, i);
    batch.finishedAt = row.getObject(++i) == null ? null : time(row, i);
    batch.error = row.getString(++i);
    batch.undoes = row.getObject(++i, Long.class);
    batch.undoneBy = row.getObject(++i, Long.class);
    batch.hold = row.getString(++i);
    batch.submittedBy = row.getString(++i);
    batch.statement = row.getString(++i);
    batch.secrets = row.getString(++i);
    batch.safeguards = row.getString(++i);
    batch.ranMillis = row.getLong(++i);
    batch.approvalRows = row.getObject(++i, Long.class);
    batch.approvalExact = row.getBoolean(++i);
    batch.approvedBy = row.getString(++i);
    batch.approvedAt = row.getObject(++i) == null ? null : time(row, i);
    batch.traceParent = row.getString(++i);
    batch.walk = row.getString(++i);
    return batch;
  }

  private static Instant time(ResultSet row, int column) throws SQLException {
    return row.getObject(column, LocalDateTime.class).toInstant(ZoneOffset.UTC);
  }

  static void bind(PreparedStatement statement, int first, Collection<?> values)
      throws SQLException {
    int i = first;
    for (Object value : values) {
      statement.setObject(i++, value);
    }
  }

  static String list(int size) {
    return "(" + String.join(", ", Collections.nCopies(size, "?")) + ")";
  }
}
