package dev.rowmill.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The SQL for a page of batches, newest first, with the parameters {@code before}, {@code limit}
 * and, where the filter has one, {@code project}.
 *
 * <p>Each part names an index in which its batches stand together in just the order of the page,
 * and asks for the order of all its columns. Left alone, servers estimate whether they come by
 * enough matches sooner along another key, and where they err walk through the whole history. A
 * filter that leaves open the status or the mode has a part for each of them.
 *
 * <p>Whole rows are asked for at once: where ids are enough, MySQL reads thousands of them ahead.
 */
final class BatchPageSql {

  private BatchPageSql() {}

  static String of(BatchFilter filter) {
    List<String> parts = parts(filter);
    return parts.size() == 1
        ? parts.get(0)
        : parts.stream()
            .collect(Collectors.joining(") UNION ALL (", "(", ") ORDER BY id DESC LIMIT :limit"));
  }

  private static List<String> parts(BatchFilter filter) {
    List<String> project = filter.project() == null ? List.of() : List.of("project = :project");
    if (filter.status() == null && filter.mode() == null) {
      return List.of(part(project.isEmpty() ? "PRIMARY" : "batch_by_project", project));
    }
    String index =
        project.isEmpty() ? "batch_by_status_and_mode" : "batch_by_project_status_and_mode";
    List<String> parts = new ArrayList<>();
    for (BatchStatus status : values(filter.status(), BatchStatus.values())) {
      for (Mode mode : values(filter.mode(), Mode.values())) {
        List<String> conditions = new ArrayList<>(project);
        conditions.add("status = '" + status.name() + "'");
        conditions.add("mode = '" + mode.name() + "'");
        parts.add(part(index, conditions));
      }
    }
    return parts;
  }

  private static <T> List<T> values(@Nullable T given, T[] all) {
    return given == null ? Arrays.asList(all) : List.of(given);
  }

  private static String part(String index, List<String> conditions) {
    String order =
        conditions.stream()
            .map(condition -> condition.substring(0, condition.indexOf(' ')) + " DESC, ")
            .collect(Collectors.joining());
    String where =
        Stream.concat(conditions.stream(), Stream.of("id < :before"))
            .collect(Collectors.joining(" AND "));
    return "SELECT * FROM batch FORCE INDEX (%s) WHERE %s ORDER BY %sid DESC LIMIT :limit"
        .formatted(index, where, order);
  }
}
