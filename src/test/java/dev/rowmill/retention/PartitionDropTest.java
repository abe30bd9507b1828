package dev.rowmill.retention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.batch.FencedException;
import dev.rowmill.task.RunState;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.WorkTable;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests that only the present run of a batch drops partitions. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class PartitionDropTest {

  private static final RowmillApi API = RowmillApi.local();

  @Inject PartitionDrop drop;

  private final String project = Batches.newProject();
  @RegisterExtension final WorkTable work = WorkTable.ofRows(1);

  private String table() {
    return work.name() + "_parts";
  }

  @BeforeEach
  void create() throws SQLException {
    work.execute(
        "CREATE TABLE "
            + table()
            + " (at DATETIME NOT NULL, KEY (at)) PARTITION BY RANGE COLUMNS (at)"
            + " (PARTITION p0 VALUES LESS THAN ('2020-01-01'),"
            + " PARTITION p1 VALUES LESS THAN (MAXVALUE))");
    work.execute("INSERT INTO " + table() + " VALUES ('2019-05-05'), ('2026-01-01')");
  }

  @AfterEach
  void drop() throws SQLException {
    work.execute("DROP TABLE " + table());
  }

  private RunState run(BooleanSupplier mayContinue) {
    return new RunState() {
      @Override
      public long batch() {
        return 1;
      }

      @Override
      public String project() {
        return project;
      }

      @Override
      public boolean mayContinue() {
        return mayContinue.getAsBoolean();
      }
    };
  }

  private void run(BooleanSupplier mayContinue, int rowsLeft, String... problems)
      throws SQLException {
    var parameters =
        new RetentionParameters(
            table(), "at", Map.of("datetime", "2025-01-01T00:00:00"), null, false);
    try {
      drop.run(parameters, run(mayContinue));
    } finally {
      assertEquals(rowsLeft, work.number("SELECT COUNT(*) FROM " + table()));
      JsonNode lines =
          API.get("/audit?operation=dropPartitions&project=" + project).body().path("items");
      assertEquals(problems.length, lines.size(), lines::toString);
      for (int i = 0; i < problems.length; i++) {
        // The newest is the first.
        assertEquals(problems[i], lines.get(problems.length - 1 - i).path("problem").asText("-"));
      }
    }
  }

  @Test
  void a_run_that_was_stopped_drops_nothing() throws SQLException {
    run(() -> false, 2, "-", "not-dropped");
    run(() -> true, 1, "-", "not-dropped", "-");
  }

  @Test
  void a_run_that_was_overtaken_drops_nothing() {
    assertThrows(
        FencedException.class,
        () ->
            run(
                () -> {
                  throw new FencedException(1, 1);
                },
                2,
                "-",
                "not-dropped"));
  }
}
