package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchFilter;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.Mode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Builds the SQL for a page of batches, newest first, with the parameters {@code before}, {@code
 * limit} and, where the filter has one, {@code project}.
 *
 * <p>Each part names an index that stores its batches in the order of the page, and orders by all
 * columns of the index. Without the hint, servers estimate whether another key yields enough
 * matches sooner. Where the estimate is wrong they scan the whole history. A filter without a
 * status or a mode has a part for each of them.
 *
 * <p>Whole rows are selected at once: where ids suffice, MySQL reads thousands of them ahead.
 */
final class BatchPageSql {

  private BatchPageSql() {}

  static String of(BatchFilter filter) {
    return union(parts(filter, filter.project() == null ? "" : "= :project", "*", "id < :before"));
  }

  /**
   * Builds the SQL for the projects of another condition, for a status in which few batches stay.
   * All batches with the status are scanned.
   */
  static String ofLive(BatchFilter filter, String names) {
    return union(parts(filter, "", "*", "id < :before AND " + names));
  }

  /**
   * Returns statements that select only the ids of one project, whose name is a parameter, and none
   * below {@code least}.
   */
  static List<String> ids(BatchFilter filter, String project) {
    return parts(filter, "= :" + project, "id", "id < :before AND id >= :least");
  }

  /**
   * Returns statements that each select the newest id of the project {@code p.name}; the largest is
   * the newest of all.
   */
  static List<String> newest(BatchFilter filter) {
    return parts(filter, "= p.name", "id", "id < :before").stream()
        .map(part -> part.replace("LIMIT :limit", "LIMIT 1"))
        .toList();
  }

  private static String union(List<String> parts) {
    return parts.size() == 1
        ? parts.get(0)
        : parts.stream()
            .collect(Collectors.joining(") UNION ALL (", "(", ") ORDER BY id DESC LIMIT :limit"));
  }

  /**
   * Builds one statement for each combination of status and mode.
   *
   * @param project rest of a condition on the project; empty for any
   * @param columns columns to select
   * @param limits condition on the ids and more
   */
  private static List<String> parts(
      BatchFilter filter, String project, String columns, String limits) {
    List<String> named = project.isEmpty() ? List.of() : List.of("project " + project);
    if (filter.status() == null && filter.mode() == null) {
      return List.of(
          part(named.isEmpty() ? "PRIMARY" : "batch_by_project", named, columns, limits));
    }
    String index =
        named.isEmpty() ? "batch_by_status_and_mode" : "batch_by_project_status_and_mode";
    List<String> parts = new ArrayList<>();
    for (BatchStatus status : values(filter.status(), BatchStatus.values())) {
      for (Mode mode : values(filter.mode(), Mode.values())) {
        List<String> conditions = new ArrayList<>(named);
        conditions.add("status = '" + status.name() + "'");
        conditions.add("mode = '" + mode.name() + "'");
        parts.add(part(index, conditions, columns, limits));
      }
    }
    return parts;
  }

  private static <T> List<T> values(@Nullable T given, T[] all) {
    return given == null ? Arrays.asList(all) : List.of(given);
  }

  private static String part(String index, List<String> conditions, String columns, String limits) {
    String order =
        conditions.stream()
            .map(condition -> condition.substring(0, condition.indexOf(' ')) + " DESC, ")
            .collect(Collectors.joining());
    String where =
        Stream.concat(conditions.stream(), Stream.of(limits)).collect(Collectors.joining(" AND "));
    return "SELECT %s FROM batch FORCE INDEX (%s) WHERE %s ORDER BY %sid DESC LIMIT :limit"
        .formatted(columns, index, where, order);
  }
}
