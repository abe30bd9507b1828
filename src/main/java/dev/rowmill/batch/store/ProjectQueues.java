package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.database.Rows;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Manages the queue of each project: its batches wait in it while another one of the project is
 * active. Also queues batches again that lost their run. Safe for many threads and nodes. Each
 * method may be repeated when the response to a commit is lost.
 *
 * <p>All methods throw a runtime exception with the SQL error among its causes when the database
 * can't be reached.
 */
@ApplicationScoped
public class ProjectQueues {

  /** Excludes batches that await their approval, as these are in no queue. */
  private static final String NEEDS_NO_APPROVAL =
      " AND (approval_rows IS NULL OR approved_at IS NOT NULL)";

  private final BatchTransactions transactions;

  /**
   * Checks, in a transaction that has locked a batch's row, that nothing is about to run the batch.
   */
  public interface LeftAlone {
    boolean check(Connection connection, long id) throws SQLException;
  }

  ProjectQueues(BatchTransactions transactions) {
    this.transactions = transactions;
  }

  /**
   * Queues the first waiting batch of a project, if no batch of the project is active.
   *
   * @return the batch of the project that is queued now, even if it was queued before
   */
  public Optional<BatchView> queueNext(String project) {
    try {
      return transactions.run(transaction -> queueNext(transaction, project));
    } catch (RuntimeException e) {
      if (DatabaseFailure.isDuplicateKey(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  static Optional<BatchView> queueNext(BatchTransaction transaction, String project)
      throws SQLException {
    return Optional.ofNullable(queueNext(transaction, List.of(project)).get(project));
  }

  /**
   * Queues the first waiting batch of each project that has no active batch.
   *
   * @return the batch that is queued now, by project, even if it was queued before; to be launched,
   *     and so without its progress
   */
  static Map<String, BatchView> queueNext(BatchTransaction transaction, Collection<String> projects)
      throws SQLException {
    lock(transaction.connection(), projects);
    List<Long> heads =
        Rows.query(
            transaction.connection(),
            // The hint prevents a server from scanning the whole history of a project.
            "SELECT COALESCE(MIN(IF(status = 'WAITING', NULL, id)), MIN(id)) FROM batch"
                + " FORCE INDEX (batch_by_project_status_and_mode) WHERE project IN "
                + Rows.list(projects.size())
                + " AND status IN ('QUEUED', 'RUNNING', 'PAUSED', 'WAITING')"
                + NEEDS_NO_APPROVAL
                + " GROUP BY project",
            row -> row.getLong(1),
            projects);
    Map<String, BatchView> queued = new HashMap<>();
    for (BatchView batch : BatchRows.withIds(transaction.connection(), heads)) {
      // A queued one may come from an attempt without a response; launching it twice does nothing.
      // A waiting one was read without a lock, so it may have been cancelled since.
      if (batch.status() == BatchStatus.QUEUED
          || (batch.status() == BatchStatus.WAITING
              && transaction.move(batch, BatchStatus.QUEUED, ""))) {
        queued.put(batch.project(), batch.queued());
      }
    }
    return queued;
  }

  /**
   * Locks the rows of projects. A batch that joins a project's queue writes the project's row and
   * locks it until its commit. If the batch before it ends meanwhile, this transaction sees the new
   * batch, or its own check of the queue sees the end.
   */
  static void lock(Connection connection, Collection<String> projects) throws SQLException {
    Rows.query(
        connection,
        "SELECT name FROM project WHERE name IN "
            + Rows.list(projects.size())
            + " ORDER BY name FOR UPDATE",
        row -> row.getString(1),
        projects);
  }

  /** Queues the first waiting batch of each project that has no active batch. */
  public void queueWaiting() {
    transactions
        .read(
            connection ->
                Rows.query(
                    connection,
                    "SELECT DISTINCT project FROM batch w WHERE status = 'WAITING'"
                        + NEEDS_NO_APPROVAL
                        + " AND NOT EXISTS"
                        + " (SELECT 1 FROM batch a WHERE a.active_project = w.project)",
                    row -> row.getString(1)))
        .forEach(this::queueNext);
  }

  /**
   * Recovers after a restart: running batches are queued again, or change to the requested status.
   * The queues of projects without an active batch advance.
   *
   * @return all queued batches in the order of their ids
   */
  public List<BatchView> recover() {
    transactions.run(
        transaction -> {
          for (BatchView batch : withStatus(transaction.connection(), BatchStatus.RUNNING)) {
            transaction.move(batch, batch.requestedOr(BatchStatus.QUEUED), "");
          }
          return true;
        });
    queueWaiting();
    return transactions.read(
        connection ->
            BatchRows.withDetails(connection, withStatus(connection, BatchStatus.QUEUED)));
  }

  private static List<BatchView> withStatus(Connection connection, BatchStatus status)
      throws SQLException {
    return BatchRows.select(connection, "WHERE status = ? ORDER BY id", status);
  }

  /** Returns the ids of the queued and running batches, in ascending order. */
  public List<Long> toRun() {
    return transactions.read(
        connection ->
            Rows.query(
                connection,
                "SELECT id FROM batch WHERE status IN ('QUEUED', 'RUNNING') ORDER BY id",
                row -> row.getLong(1)));
  }

  /**
   * Queues a batch again that is queued or running without a node or thread to run it. A pending
   * request is carried out instead.
   */
  public void queueAgain(long id, LeftAlone leftAlone) {
    transactions.run(
        transaction -> {
          BatchView batch = BatchRows.lock(transaction.connection(), id).orElse(null);
          if (batch != null
              && (batch.status() == BatchStatus.QUEUED || batch.status() == BatchStatus.RUNNING)
              && leftAlone.check(transaction.connection(), id)) {
            transaction.move(batch, batch.requestedOr(BatchStatus.QUEUED), "");
            LaneLeases.fenceOut(transaction.connection(), List.of(id));
          }
          return true;
        });
  }

  /** Returns the queue positions of the waiting ones among batches by id, from 1. */
  static Map<Long, Long> positions(Connection connection, List<BatchView> batches)
      throws SQLException {
    List<BatchView> waiting =
        batches.stream()
            .filter(batch -> batch.status() == BatchStatus.WAITING && !batch.awaitsApproval())
            .toList();
    if (waiting.isEmpty()) {
      return Map.of();
    }
    List<Long> ids = waiting.stream().map(BatchView::id).toList();
    List<String> projects = waiting.stream().map(BatchView::project).distinct().toList();
    Map<Long, Long> positions = new HashMap<>();
    // Numbers each queue once, not once per batch.
    Rows.query(
        connection,
        "SELECT id, place FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY project"
            + " ORDER BY id) AS place FROM batch WHERE status = 'WAITING'"
            + NEEDS_NO_APPROVAL
            + " AND project IN "
            + Rows.list(projects.size())
            + " AND id <= ?) queue WHERE id IN "
            + Rows.list(ids.size()),
        row -> positions.put(row.getLong(1), row.getLong(2)),
        projects,
        Collections.max(ids),
        ids);
    return positions;
  }
}
