package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchFilter;
import dev.rowmill.batch.ProjectPatterns;
import dev.rowmill.database.Rows;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Finds a page of batches for a caller who may not see every project. It costs an index lookup for
 * each visible project, and nothing for the batches of other projects.
 *
 * <p>First it sorts the projects by their newest batch with an id below {@code before}; a page has
 * at most as many projects as items. Then it merges their batches, project by project, until the
 * page is full and the next project has no newer batch. For one thread.
 */
final class VisibleBatches {

  /** Limits the projects that one statement queries. */
  private static final int PROJECTS_A_QUERY = 25;

  private final Connection connection;
  private final BatchFilter filter;
  private final ProjectPatterns seen;
  private final long before;
  private final int limit;

  private record Project(String name, long newest) {}

  VisibleBatches(
      Connection connection, BatchFilter filter, ProjectPatterns seen, long before, int limit) {
    this.connection = connection;
    this.filter = filter;
    this.seen = seen;
    this.before = before;
    this.limit = limit;
  }

  /** Returns the ids of the page, newest first. */
  List<Long> ids() throws SQLException {
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

  private List<Project> projects() throws SQLException {
    List<SqlFragment> newest =
        BatchPageSql.newest(filter, before).stream()
            .map(select -> SqlFragment.of("COALESCE((").then(select).then("), 0)"))
            .toList();
    SqlFragment projects =
        SqlFragment.of("SELECT name, newest FROM (SELECT p.name, GREATEST(0, ")
            .then(SqlFragment.join(newest, ", "))
            .then(") AS newest FROM project p WHERE ")
            .then(VisibleProjects.condition("p.name", seen))
            .then(") found WHERE newest > 0 ORDER BY newest DESC LIMIT ?", limit);
    return Rows.query(
        connection,
        projects.text(),
        row -> new Project(row.getString(1), row.getLong(2)),
        projects.values());
  }

  private List<Long> idsOf(List<Project> projects, long least) throws SQLException {
    List<SqlFragment> parts =
        projects.stream()
            .flatMap(
                project -> BatchPageSql.ids(filter, project.name, before, least, limit).stream())
            .toList();
    SqlFragment ids = SqlFragment.join(parts, ") UNION ALL (");
    return Rows.query(connection, "(" + ids.text() + ")", row -> row.getLong(1), ids.values());
  }
}
