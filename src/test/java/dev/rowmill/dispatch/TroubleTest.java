package dev.rowmill.dispatch;

import static dev.rowmill.testing.Batches.newProject;
import static dev.rowmill.testing.Batches.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.dispatch.pool.InstanceLock;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.CallTask;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.Sql;
import io.quarkus.agroal.DataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests that results are stored later when one of Rowmill's own tables is missing for a while. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class TroubleTest {

  @Inject
  @DataSource("data")
  javax.sql.DataSource database;

  @Inject Batches batches;
  @Inject PoolStatus pools;

  @AfterEach
  void nothingIsLeftBehind() {
    batches.leaveNothingBehind();
  }

  @Test
  void a_claim_that_can_not_be_stored_is_retried() throws SQLException {
    String project = newProject();
    CallTask.put(project, context -> {});
    Sql.execute(database, "RENAME TABLE lane TO lane_away");
    BatchView batch;
    try {
      batch = batches.start(request(project, "call", "call", project));
      Awaitility.await().atMost(Batches.PATIENCE).until(() -> pools.pool().active() == 1);
    } finally {
      Sql.execute(database, "RENAME TABLE lane_away TO lane");
    }
    assertEquals(BatchStatus.SUCCEEDED, batches.ended(batch).status());
  }

  @Test
  void an_end_that_can_not_be_stored_is_retried_without_repeating_the_work()
      throws SQLException, InterruptedException {
    String project = newProject();
    var runs = new CountDownLatch(1);
    CallTask.put(
        project,
        context -> {
          assertEquals(1, runs.getCount(), "the work was done before");
          Sql.execute(database, "RENAME TABLE batch TO batch_away");
          runs.countDown();
        });
    BatchView batch = batches.start(request(project, "call", "call", project));
    runs.await();
    Sql.execute(database, "RENAME TABLE batch_away TO batch");
    assertEquals(BatchStatus.SUCCEEDED, batches.ended(batch).status());
  }

  @Test
  void a_start_that_can_not_be_stored_leaves_its_project_free() throws SQLException {
    String project = newProject();
    CallTask.put(project, context -> {});
    Sql.execute(database, "RENAME TABLE project TO project_away");
    try {
      assertThrows(
          RuntimeException.class, () -> batches.start(request(project, "call", "call", project)));
    } finally {
      Sql.execute(database, "RENAME TABLE project_away TO project");
    }
    BatchView batch = batches.start(request(project, "call", "call", project));
    assertEquals(BatchStatus.SUCCEEDED, batches.ended(batch).status());
  }

  @Test
  void an_instance_lock_is_acquired_again_after_its_connection_was_killed() throws SQLException {
    long holder = lockHolder();
    assertFalse(holder == 0, "no connection holds the instance lock");
    Sql.execute(database, "KILL " + holder);
    Awaitility.await()
        .atMost(Batches.PATIENCE)
        .until(() -> lockHolder() != 0 && lockHolder() != holder);
  }

  private long lockHolder() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT IS_USED_LOCK(" + InstanceLock.NAME + ")")) {
      row.next();
      return row.getLong(1);
    }
  }
}
