package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchFilter;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.Page;
import dev.rowmill.batch.ProjectPatterns;
import dev.rowmill.batch.ProjectView;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.Rows;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads batches and projects. Safe for many threads. Each public method takes one connection of the
 * control pool, and its cost does not depend on the length of the history. Throws a runtime
 * exception with the SQL error among its causes when the database can't be reached.
 */
@ApplicationScoped
public class BatchHistory {

  // The hint prevents a server from scanning all batches of a status for each project.
  private static final String OF_PROJECT =
      " FROM batch b FORCE INDEX (batch_by_project_status_and_mode) WHERE b.project = p.name";

  private static final String PROJECT =
      "SELECT p.name, p.last_batch,"
          + " (SELECT b.id FROM batch b WHERE b.active_project = p.name) AS active,"
          + " (SELECT b.wanted FROM batch b WHERE b.active_project = p.name AND b.status = 'RUNNING')"
          + " AS wanted,"
          + " (SELECT COUNT(*)"
          + OF_PROJECT
          + " AND b.status = 'WAITING') AS waiting, "
          // In most cases this is the newest batch.
          + ended()
              .map(status -> "'" + status.name() + "'")
              .collect(
                  Collectors.joining(
                      ", ",
                      "CASE WHEN (SELECT b.status FROM batch b WHERE b.id = p.last_batch) IN (",
                      ") THEN p.last_batch ELSE "))
          + ended()
              .flatMap(status -> Arrays.stream(Mode.values()).map(mode -> newest(status, mode)))
              .collect(Collectors.joining(", ", "GREATEST(", ") END AS last"));

  private static final List<BatchStatus> LIVE =
      List.of(
          BatchStatus.RUNNING,
          BatchStatus.PAUSED,
          BatchStatus.QUEUED,
          BatchStatus.WAITING,
          BatchStatus.SCHEDULED);

  private final ControlTransactions transactions;

  BatchHistory(ControlTransactions transactions) {
    this.transactions = transactions;
  }

  /** Returns a batch, or empty when there is none with that id. */
  public Optional<BatchView> find(long id) {
    return transactions.read(connection -> BatchRows.find(connection, id));
  }

  /** Returns the existing batches among the given ids, by id. */
  public Map<Long, BatchView> find(Collection<Long> ids) {
    List<BatchView> found =
        ids.isEmpty()
            ? List.of()
            : transactions.read(
                connection ->
                    BatchRows.withDetails(connection, BatchRows.withIds(connection, ids)));
    return found.stream().collect(Collectors.toMap(BatchView::id, view -> view));
  }

  /**
   * Returns the batches that have not ended: running, paused, queued, waiting and scheduled, in
   * this order.
   *
   * @param project restricts to one project; null for all
   * @param seen projects that the caller may see
   * @param limit maximum number of batches
   */
  public List<BatchView> live(@Nullable String project, ProjectPatterns seen, int limit) {
    List<BatchView> live = new ArrayList<>();
    for (BatchStatus status : LIVE) {
      if (live.size() < limit) {
        live.addAll(
            list(new BatchFilter(project, status, null), seen, null, limit - live.size()).items());
      }
    }
    return live;
  }

  /** Returns the parameters of all batches of a task that have not ended, each a JSON object. */
  public List<String> liveParameters(String task) {
    return transactions.read(
        connection ->
            Rows.query(
                connection,
                "SELECT parameters FROM batch WHERE task = ? AND status IN (%s)"
                    .formatted(
                        LIVE.stream()
                            .map(status -> "'" + status + "'")
                            .collect(Collectors.joining(", "))),
                row -> row.getString(1),
                task));
  }

  /**
   * Returns a page of batches, newest first.
   *
   * @param seen projects that the caller may see; where that is not all, and the filter names none,
   *     the page also costs an index lookup for each of them
   * @param before only batches with smaller ids
   * @param limit maximum number of items
   */
  public Page<BatchView> list(
      BatchFilter filter, ProjectPatterns seen, @Nullable Long before, int limit) {
    String project = filter.project();
    if (project != null && !seen.include(project)) {
      return new Page<>(List.of(), null);
    }
    long end = before == null ? Long.MAX_VALUE : before;
    return transactions.read(
        connection ->
            Page.of(
                BatchRows.withDetails(connection, found(connection, filter, seen, end, limit + 1)),
                limit,
                BatchView::id));
  }

  private static List<BatchView> found(
      Connection connection, BatchFilter filter, ProjectPatterns seen, long before, int limit)
      throws SQLException {
    SqlFragment page;
    if (!filter.labels().isEmpty()) {
      page = LabelPageSql.of(filter, VisibleProjects.condition("project", seen), before, limit);
    } else if (filter.project() != null || seen.isAll()) {
      page = BatchPageSql.of(filter, before, limit);
    } else if (filter.status() != null && !filter.status().isFinal()) {
      SqlFragment names = VisibleProjects.condition("project", seen);
      page = BatchPageSql.ofLive(filter, names, before, limit);
    } else {
      List<Long> ids = new VisibleBatches(connection, filter, seen, before, limit).ids();
      List<BatchView> found = new ArrayList<>(BatchRows.withIds(connection, ids));
      Collections.reverse(found);
      return found;
    }
    return Rows.query(connection, page.text(), BatchRows::view, page.values());
  }

  /**
   * Returns a page of the projects that have ever had a batch, sorted by their newest batch, newest
   * first.
   *
   * @param runningOnly only projects with an active batch
   * @param prefix prefix of the names; may be empty
   * @param seen projects that the caller may see
   * @param before only projects whose newest batch has a smaller id
   */
  public Page<ProjectView> projects(
      boolean runningOnly, String prefix, ProjectPatterns seen, @Nullable Long before, int limit) {
    // Begins at the active batches, however many projects there are; the optimizer would not
    // always.
    String from =
        runningOnly
            ? " FROM batch a STRAIGHT_JOIN project p ON p.name = a.active_project"
                + " WHERE a.active_project IS NOT NULL AND"
            : " FROM project p WHERE";
    SqlFragment condition =
        SqlFragment.of(" ")
            .then(VisibleProjects.condition("p.name", seen))
            .then(" AND LEFT(p.name, ?) = ?", prefix.length(), prefix)
            .then(" AND p.last_batch < ?", before == null ? Long.MAX_VALUE : before)
            .then(" ORDER BY p.last_batch DESC LIMIT ?", limit + 1);
    return Page.of(
        projects(SqlFragment.of(PROJECT + from).then(condition)), limit, ProjectView::newest);
  }

  /** Returns a project; empty when it has never had a batch. */
  public Optional<ProjectView> project(String name) {
    return projects(SqlFragment.of(PROJECT + " FROM project p WHERE p.name = ?", name)).stream()
        .findFirst();
  }

  private List<ProjectView> projects(SqlFragment select) {
    return transactions.read(
        connection ->
            Rows.query(connection, select.text(), BatchHistory::projectView, select.values()));
  }

  private static Stream<BatchStatus> ended() {
    return Arrays.stream(BatchStatus.values()).filter(BatchStatus::isFinal);
  }

  /**
   * Returns SQL for the newest batch of a project with a status and a mode, 0 for none. Neither MAX
   * nor ORDER BY id alone: in a subquery either makes MySQL read all of them.
   */
  private static String newest(BatchStatus status, Mode mode) {
    return "COALESCE((SELECT b.id%s AND b.status = '%s' AND b.mode = '%s' ORDER BY %s LIMIT 1), 0)"
        .formatted(
            OF_PROJECT,
            status.name(),
            mode.name(),
            "b.project DESC, b.status DESC, b.mode DESC, b.id DESC");
  }

  private static ProjectView projectView(ResultSet row) throws SQLException {
    long last = row.getLong("last");
    return new ProjectView(
        row.getString("name"),
        row.getObject("active", Long.class),
        Rows.value(row, "wanted", BatchStatus.class),
        row.getLong("waiting"),
        last == 0 ? null : last,
        row.getLong("last_batch"));
  }
}
