package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchFilter;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.Mode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Builds the SQL for a page of batches, newest first.
 *
 * <p>Each part names an index that stores its batches in the order of the page, and orders by all
 * columns of the index. Without the hint, servers estimate whether another key yields enough
 * matches sooner. Where the estimate is wrong they scan the whole history. A filter without a
 * status or a mode has a part for each of them.
 *
 * <p>Whole rows are selected at once: where ids suffice, MySQL reads thousands of them ahead.
 */
final class BatchPageSql {

  private static final SqlFragment ANY_PROJECT = SqlFragment.of("");

  private BatchPageSql() {}

  static SqlFragment of(BatchFilter filter, long before, int limit) {
    SqlFragment project =
        filter.project() == null ? ANY_PROJECT : SqlFragment.of("= ?", filter.project());
    return union(
        parts(filter, project, BatchRows.COLUMNS, SqlFragment.of("id < ?", before), limit), limit);
  }

  /**
   * Builds the SQL for a page of several projects, for a status that few batches have. It scans all
   * batches with the status.
   *
   * @param names condition that selects the projects
   */
  static SqlFragment ofLive(BatchFilter filter, SqlFragment names, long before, int limit) {
    SqlFragment range = SqlFragment.of("id < ? AND ", before).then(names);
    return union(parts(filter, ANY_PROJECT, BatchRows.COLUMNS, range, limit), limit);
  }

  /** Returns statements that select only the ids of one project, and none below {@code least}. */
  static List<SqlFragment> ids(
      BatchFilter filter, String project, long before, long least, int limit) {
    SqlFragment range = SqlFragment.of("id < ? AND id >= ?", before, least);
    return parts(filter, SqlFragment.of("= ?", project), "id", range, limit);
  }

  /**
   * Returns statements that each select the newest id of the project {@code p.name}; the largest is
   * the newest of all.
   */
  static List<SqlFragment> newest(BatchFilter filter, long before) {
    return parts(filter, SqlFragment.of("= p.name"), "id", SqlFragment.of("id < ?", before), 1);
  }

  private static SqlFragment union(List<SqlFragment> parts, int limit) {
    return parts.size() == 1
        ? parts.get(0)
        : SqlFragment.of("(")
            .then(SqlFragment.join(parts, ") UNION ALL ("))
            .then(") ORDER BY id DESC LIMIT ?", limit);
  }

  /**
   * Builds one statement for each combination of status and mode.
   *
   * @param project rest of a condition on the project; empty for any
   * @param columns columns to select
   * @param range condition on the ids and more
   */
  private static List<SqlFragment> parts(
      BatchFilter filter, SqlFragment project, String columns, SqlFragment range, int limit) {
    boolean any = project.equals(ANY_PROJECT);
    List<SqlFragment> named = any ? List.of() : List.of(SqlFragment.of("project ").then(project));
    if (filter.status() == null && filter.mode() == null) {
      return List.of(part(any ? "PRIMARY" : "batch_by_project", named, columns, range, limit));
    }
    String index = any ? "batch_by_status_and_mode" : "batch_by_project_status_and_mode";
    List<SqlFragment> parts = new ArrayList<>();
    for (BatchStatus status : values(filter.status(), BatchStatus.values())) {
      for (Mode mode : values(filter.mode(), Mode.values())) {
        List<SqlFragment> conditions = new ArrayList<>(named);
        conditions.add(SqlFragment.of("status = '" + status.name() + "'"));
        conditions.add(SqlFragment.of("mode = '" + mode.name() + "'"));
        parts.add(part(index, conditions, columns, range, limit));
      }
    }
    return parts;
  }

  private static <T> List<T> values(@Nullable T given, T[] all) {
    return given == null ? Arrays.asList(all) : List.of(given);
  }

  private static SqlFragment part(
      String index, List<SqlFragment> conditions, String columns, SqlFragment range, int limit) {
    String order =
        conditions.stream()
            .map(condition -> condition.text().substring(0, condition.text().indexOf(' ')))
            .map(column -> column + " DESC, ")
            .collect(Collectors.joining());
    List<SqlFragment> all = new ArrayList<>(conditions);
    all.add(range);
    return SqlFragment.of("SELECT %s FROM batch FORCE INDEX (%s) WHERE ".formatted(columns, index))
        .then(SqlFragment.join(all, " AND "))
        .then(" ORDER BY " + order + "id DESC LIMIT ?", limit);
  }
}
