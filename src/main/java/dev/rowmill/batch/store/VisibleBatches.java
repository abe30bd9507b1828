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
 * Finds a page of batches for a caller who may not see every project. It costs an index lookup for
 * each visible project, and nothing for the batches of other projects.
 *
 * <p>First it sorts the projects by their newest batch with an id below {@code before}; a page has
 * at most as many projects as items. Then it merges their batches, project by project, until the
 * page is full and the next project has no newer batch. For one thread, inside a transaction.
 */
final class VisibleBatches {

  /** Limits the projects that one statement queries. */
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

  /** Returns the ids of the page, newest first. */
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
