package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchFilter;
import dev.rowmill.batch.ProjectPatterns;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds a page of batches for someone who does not see every project. It costs a look into an index
 * for each project that is seen, and none for the batches of others, however many there are.
 *
 * <p>First the projects are found whose newest batch on the page's side is newest; only as many of
 * them as the page has lines can be on it. Then their batches are merged, project by project, until
 * the page is full and the next project has nothing newer. For one thread, inside a transaction.
 */
final class VisibleBatches {

  /** Projects whose batches are asked for by one statement. */
  private static final int PROJECTS_A_QUERY = 25;

  private final EntityManager entities;
  private final BatchFilter filter;
  private final ProjectPatterns seen;
  private final long before;
  private final int limit;

  private record Project(String name, long newest) {}

  VisibleBatches(
      EntityManager entities, BatchFilter filter, ProjectPatterns seen, long before, int limit) {
    this.entities = entities;
    this.filter = filter;
    this.seen = seen;
    this.before = before;
    this.limit = limit;
  }

  /** The page's ids, newest first. */
  List<Long> ids() {
    List<Project> projects = projects();
    List<Long> page = new ArrayList<>();
    for (int at = 0; at < projects.size(); at += PROJECTS_A_QUERY) {
      boolean full = page.size() == limit;
      if (full && projects.get(at).newest < page.get(limit - 1)) {
        break;
      }
      page.addAll(
          idsOf(
              projects.subList(at, Math.min(projects.size(), at + PROJECTS_A_QUERY)),
              full ? page.get(limit - 1) : 0));
      page.sort(Collections.reverseOrder());
      page.subList(Math.min(limit, page.size()), page.size()).clear();
    }
    return page;
  }

  private List<Project> projects() {
    VisibleProjects names = VisibleProjects.of("p.name", seen);
    Map<String, Object> values = new HashMap<>(names.values());
    values.put("before", before);
    values.put("limit", limit);
    List<String> newest =
        BatchPageSql.newest(filter).stream()
            .map(select -> "COALESCE((" + select + "), 0)")
            .toList();
    String sql =
        "SELECT name, newest FROM (SELECT p.name, "
            + (newest.size() == 1 ? newest.get(0) : "GREATEST(" + String.join(", ", newest) + ")")
            + " AS newest FROM project p WHERE "
            + names.sql()
            + ") found WHERE newest > 0 ORDER BY newest DESC LIMIT :limit";
    List<Project> projects = new ArrayList<>();
    for (Object row : rows(sql, values)) {
      Object[] columns = (Object[]) row;
      projects.add(new Project(String.valueOf(columns[0]), ((Number) columns[1]).longValue()));
    }
    return projects;
  }

  private List<Long> idsOf(List<Project> projects, long least) {
    Map<String, Object> values = new HashMap<>();
    values.put("before", before);
    values.put("limit", limit);
    values.put("least", least);
    List<String> parts = new ArrayList<>();
    for (Project project : projects) {
      String parameter = "project" + values.size();
      values.put(parameter, project.name);
      parts.addAll(BatchPageSql.ids(filter, parameter));
    }
    return rows("(" + String.join(") UNION ALL (", parts) + ")", values).stream()
        .map(id -> ((Number) id).longValue())
        .toList();
  }

  private List<?> rows(String sql, Map<String, Object> values) {
    Query query = entities.createNativeQuery(sql);
    values.forEach(query::setParameter);
    return query.getResultList();
  }
}
