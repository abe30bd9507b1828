package dev.rowmill.batch.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.batch.BatchFilter;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.Page;
import dev.rowmill.batch.ProjectPatterns;
import dev.rowmill.batch.ProjectView;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.Sql;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests pages of a history in which few batches match some filters, and most match others. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class BatchHistoryTest {

  private static final int BATCHES = 5000;

  /** Limits the rows that a page may read: far fewer than there are batches. */
  private static final int FEW_ROWS = 500;

  @Inject BatchHistory history;
  @Inject DataSource control;

  private final String project = Batches.newProject();

  @BeforeEach
  void write() throws SQLException {
    String digits =
        "(SELECT 0 d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4"
            + " UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)";
    // The old batches differ, the thousands of new ones do not.
    Sql.execute(
        control,
        ("INSERT INTO batch (project, kind, parameters, mode, status, start_key, request_hash,"
                + " created_at) SELECT '%1$s', 'SQL', '{}', IF(n < 9 AND n %% 2, 'SERIAL', 'PARALLEL'),"
                + " CASE WHEN n IN (1, 2, 5) THEN 'FAILED' WHEN n IN (3, 4) THEN 'CANCELLED'"
                + " ELSE 'SUCCEEDED' END, CONCAT('%1$s:', n), REPEAT('0', 64), UTC_TIMESTAMP(3)"
                + " FROM (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d AS n"
                + " FROM %2$s a, %2$s b, %2$s c, %2$s e) numbers WHERE n < %3$d ORDER BY n")
            .formatted(project, digits, BATCHES));
    Sql.execute(
        control,
        "INSERT INTO project (name, last_batch) SELECT project, MAX(id) FROM batch"
            + " WHERE project = '%s' GROUP BY project".formatted(project));
  }

  @AfterEach
  void delete() throws SQLException {
    Sql.execute(control, "DELETE FROM batch WHERE project = '%s'".formatted(project));
    Sql.execute(control, "DELETE FROM project WHERE name = '%s'".formatted(project));
  }

  @Test
  void pages_contain_all_matching_batches_newest_first() throws SQLException {
    for (BatchFilter filter : filters()) {
      List<Long> expected = ids(filter, 60);
      List<Long> found = new ArrayList<>();
      Long before = null;
      do {
        Page<BatchView> page = history.list(filter, ProjectPatterns.ALL, before, 20);
        page.items().stream().map(BatchView::id).forEach(found::add);
        before = page.next();
      } while (before != null && found.size() < 60);
      assertEquals(expected, found, filter::toString);
    }
  }

  @Test
  void a_page_does_not_scan_the_history_when_few_batches_match() throws Exception {
    long oldest = ids(new BatchFilter(project, null, null), BATCHES).get(BATCHES - 1);
    for (BatchFilter filter : filters()) {
      assertReadsFew(() -> history.list(filter, ProjectPatterns.ALL, null, 5), filter.toString());
      assertReadsFew(
          () -> history.list(filter, ProjectPatterns.ALL, oldest + 2, 5),
          filter + " before the third");
    }
  }

  @Test
  void the_overview_does_not_scan_the_history_of_a_project() throws Exception {
    ProjectView found = history.projects(false, "", ProjectPatterns.ALL, null, 5).items().get(0);
    assertEquals(new ProjectView(project, null, null, 0, found.newest(), found.newest()), found);
    assertReadsFew(() -> history.projects(false, "", ProjectPatterns.ALL, null, 5), "overview");
    assertReadsFew(
        () -> history.projects(true, "", ProjectPatterns.ALL, null, 5),
        "overview of the running ones");
    assertReadsFew(() -> history.project(project), "one project");
  }

  @Test
  void the_last_batch_is_the_newest_that_has_ended_with_a_newer_one_active_or_waiting()
      throws Exception {
    long last = history.project(project).orElseThrow().newest();
    insert("PAUSED", 1);
    insert("WAITING", 2);
    Sql.execute(
        control,
        "UPDATE project SET last_batch = (SELECT MAX(id) FROM batch) WHERE name = '%s'"
            .formatted(project));
    ProjectView found = history.project(project).orElseThrow();
    assertEquals(1, found.waiting());
    assertEquals(last, found.last());
    assertReadsFew(() -> history.projects(false, "", ProjectPatterns.ALL, null, 5), "overview");
    assertReadsFew(
        () -> history.projects(true, "", ProjectPatterns.ALL, null, 5),
        "overview of the running ones");
  }

  private void insert(String status, int number) throws SQLException {
    Sql.execute(
        control,
        ("INSERT INTO batch (project, kind, parameters, mode, status, start_key, request_hash,"
                + " created_at) VALUES ('%1$s', 'SQL', '{}', 'PARALLEL', '%2$s', '%1$s:new %3$d',"
                + " REPEAT('0', 64), UTC_TIMESTAMP(3))")
            .formatted(project, status, number));
  }

  private List<BatchFilter> filters() {
    List<BatchFilter> filters = new ArrayList<>();
    for (String project : Arrays.asList(null, this.project)) {
      for (BatchStatus status : Arrays.asList(null, BatchStatus.FAILED, BatchStatus.SUCCEEDED)) {
        for (Mode mode : Arrays.asList(null, Mode.SERIAL, Mode.PARALLEL)) {
          filters.add(new BatchFilter(project, status, mode));
        }
      }
    }
    return filters;
  }

  /** Queries the expected batches with a plain statement, newest first. */
  private List<Long> ids(BatchFilter filter, int limit) throws SQLException {
    String sql =
        "SELECT id FROM batch WHERE 1 = 1"
            + condition("project", filter.project())
            + condition("status", filter.status())
            + condition("mode", filter.mode())
            + " ORDER BY id DESC LIMIT "
            + limit;
    List<Long> ids = new ArrayList<>();
    try (Connection connection = control.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        ids.add(row.getLong(1));
      }
    }
    return ids;
  }

  private static String condition(String column, @Nullable Object value) {
    return value == null ? "" : " AND " + column + " = '" + value + "'";
  }

  private interface Read {
    Object run();
  }

  private void assertReadsFew(Read read, String what) throws SQLException {
    long before = rowsWalked();
    read.run();
    long walked = rowsWalked() - before;
    assertTrue(walked < FEW_ROWS, () -> what + ": " + walked + " rows were walked");
  }

  /** Returns the rows that all connections have read since the server's start. */
  private long rowsWalked() throws SQLException {
    try (Connection connection = control.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SHOW GLOBAL STATUS WHERE variable_name IN"
                    + " ('Handler_read_next', 'Handler_read_prev')")) {
      long walked = 0;
      while (row.next()) {
        walked += row.getLong(2);
      }
      return walked;
    }
  }
}
