package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchFilter;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.Page;
import dev.rowmill.batch.Progress;
import dev.rowmill.batch.ProjectPatterns;
import dev.rowmill.batch.ProjectView;
import dev.rowmill.database.ControlTransactions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads batches and projects. Safe for many threads. Each public method is one transaction on the
 * control pool, and its cost does not depend on the length of the history. Throws a runtime
 * exception with the SQL error among its causes when the database can't be reached.
 */
@ApplicationScoped
public class BatchHistory {

  // The hint keeps a server from scanning all batches of a status for each project.
  private static final String OF_PROJECT =
      " FROM batch b FORCE INDEX (batch_by_project_status_and_mode) WHERE b.project = p.name";

  private static final String PROJECT =
      "SELECT p.name, p.last_batch,"
          + " (SELECT b.id FROM batch b WHERE b.active_project = p.name) AS active,"
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
      List.of(BatchStatus.RUNNING, BatchStatus.PAUSED, BatchStatus.QUEUED, BatchStatus.WAITING);

  private final BatchRepository batches;
  private final EntityManager entities;
  private final ControlTransactions transactions;

  BatchHistory(BatchRepository batches, EntityManager entities, ControlTransactions transactions) {
    this.batches = batches;
    this.entities = entities;
    this.transactions = transactions;
  }

  /** Returns a batch, or empty when there is none with that id. */
  public Optional<BatchView> find(long id) {
    Optional<BatchView> found = transactions.read(connection -> BatchRows.view(connection, id));
    return found.filter(batch -> batch.status() == BatchStatus.WAITING).isPresent()
        ? transactions.call(() -> batches.findByIdOptional(id).map(this::view))
        : found;
  }

  /** Returns the existing batches among the given ids, by id. */
  public Map<Long, BatchView> find(Collection<Long> ids) {
    return ids.isEmpty()
        ? Map.of()
        : transactions.call(
            () ->
                views(batches.list("id in ?1", ids)).stream()
                    .collect(Collectors.toMap(BatchView::id, view -> view)));
  }

  /**
   * Returns the batches that have not ended: running, paused, queued and waiting, in this order.
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
    return transactions.call(
        () -> Page.of(views(found(filter, seen, end, limit + 1)), limit, BatchView::id));
  }

  private List<Batch> found(BatchFilter filter, ProjectPatterns seen, long before, int limit) {
    Map<String, Object> values = new HashMap<>();
    values.put("before", before);
    values.put("limit", limit);
    if (filter.project() != null) {
      values.put("project", filter.project());
    } else if (!seen.isAll() && filter.status() != null && !filter.status().isFinal()) {
      VisibleProjects names = VisibleProjects.of("project", seen);
      values.putAll(names.values());
      return batches(BatchPageSql.ofLive(filter, names.sql()), values);
    } else if (!seen.isAll()) {
      List<Long> ids = new VisibleBatches(entities, filter, seen, before, limit).ids();
      return ids.isEmpty()
          ? List.of()
          : batches("SELECT * FROM batch WHERE id IN (:ids) ORDER BY id DESC", Map.of("ids", ids));
    }
    return batches(BatchPageSql.of(filter), values);
  }

  @SuppressWarnings("unchecked") // because the class is given
  private List<Batch> batches(String sql, Map<String, Object> values) {
    Query query = entities.createNativeQuery(sql, Batch.class);
    values.forEach(query::setParameter);
    return query.getResultList();
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
    Map<String, Object> values = new HashMap<>();
    values.put("before", before == null ? Long.MAX_VALUE : before);
    values.put("limit", limit + 1);
    VisibleProjects names = VisibleProjects.of("p.name", seen);
    values.putAll(names.values());
    String named = " " + names.sql() + " AND";
    if (!prefix.isEmpty()) {
      named += " LEFT(p.name, :length) = :prefix AND";
      values.put("length", prefix.length());
      values.put("prefix", prefix);
    }
    String sql =
        PROJECT + from + named + " p.last_batch < :before ORDER BY p.last_batch DESC LIMIT :limit";
    return transactions.call(
        () ->
            Page.of(
                rows(sql, values).stream().map(BatchHistory::projectView).toList(),
                limit,
                ProjectView::newest));
  }

  /** Returns a project; empty when it has never had a batch. */
  public Optional<ProjectView> project(String name) {
    return transactions.call(
        () ->
            rows(PROJECT + " FROM project p WHERE p.name = :name", Map.of("name", name)).stream()
                .findFirst()
                .map(BatchHistory::projectView));
  }

  /** Returns a batch with its progress, inside the caller's transaction. */
  BatchView view(Batch batch) {
    return views(List.of(batch)).get(0);
  }

  List<BatchView> views(List<Batch> found) {
    Map<Long, Progress> progress = new HashMap<>();
    Map<Long, Map<String, Long>> waits = new HashMap<>();
    if (!found.isEmpty()) {
      List<Long> ids = found.stream().map(Batch::storedId).toList();
      entities
          .createQuery("from Lane where batch in :ids", Lane.class)
          .setParameter("ids", ids)
          .getResultList()
          .forEach(lane -> progress.merge(lane.batch, lane.progress(), Progress::plus));
      for (Object[] row :
          rows(
              "SELECT batch, reason, millis FROM batch_wait WHERE batch IN (:ids)",
              Map.of("ids", ids))) {
        waits
            .computeIfAbsent(number(row[0]), id -> new TreeMap<>())
            .put(String.valueOf(row[1]), number(row[2]));
      }
    }
    Map<Long, Long> places = waitingPositions(found);
    List<BatchView> views = new ArrayList<>(found.size());
    for (Batch batch : found) {
      views.add(
          batch.view(
              progress.getOrDefault(batch.storedId(), Progress.NONE),
              waits.getOrDefault(batch.storedId(), Map.of()),
              places.get(batch.storedId())));
    }
    return views;
  }

  /**
   * Runs a native query without a result class. With a class, Hibernate would never reuse the
   * query's plan.
   */
  @SuppressWarnings("unchecked") // a native query returns an untyped list
  private List<Object[]> rows(String sql, Map<String, Object> values) {
    Query query = entities.createNativeQuery(sql);
    values.forEach(query::setParameter);
    return query.getResultList();
  }

  private static long number(Object value) {
    return ((Number) value).longValue();
  }

  /**
   * Returns the queue positions of waiting batches by id. Numbers each queue once, not once per
   * batch.
   */
  private Map<Long, Long> waitingPositions(List<Batch> found) {
    List<Batch> waiting =
        found.stream()
            .filter(batch -> batch.status() == BatchStatus.WAITING)
            .filter(batch -> batch.approvalRows == null || batch.approvedAt != null)
            .toList();
    if (waiting.isEmpty()) {
      return Map.of();
    }
    List<Long> ids = waiting.stream().map(Batch::storedId).toList();
    List<Object[]> rows =
        rows(
            "SELECT id, place FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY project"
                + " ORDER BY id) AS place FROM batch WHERE status = 'WAITING'"
                + " AND (approval_rows IS NULL OR approved_at IS NOT NULL)"
                + " AND project IN (:projects) AND id <= :last) line WHERE id IN (:ids)",
            Map.of(
                "projects", waiting.stream().map(b -> b.project).distinct().toList(),
                "ids", ids,
                "last", Collections.max(ids)));
    Map<Long, Long> places = new HashMap<>();
    for (Object[] row : rows) {
      places.put(number(row[0]), number(row[1]));
    }
    return places;
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

  private static ProjectView projectView(Object[] row) {
    long last = number(row[4]);
    return new ProjectView(
        String.valueOf(row[0]),
        row[2] == null ? null : Long.valueOf(number(row[2])),
        number(row[3]),
        last == 0 ? null : last,
        number(row[1]));
  }
}
