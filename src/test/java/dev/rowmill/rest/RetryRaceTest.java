package dev.rowmill.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.Soak;
import dev.rowmill.testing.WorkTable;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests that one of several simultaneous requests about a failed batch is carried out, that the
 * others are refused, and that no row is changed twice.
 */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class RetryRaceTest {

  private static final RowmillApi API = RowmillApi.local();
  private static final int ROUNDS = Soak.number(6, 60);
  private static final int ROWS = 60;

  /** Lists the rows that reject the change; the batch passes over the first two of them. */
  private static final String BAD = "(5, 15, 45)";

  private static final Set<String> REFUSALS =
      Set.of(
          "project-busy",
          "illegal-transition",
          "not-retryable",
          "not-undoable",
          "skipped-not-retryable");

  /** Represents a request, with the sum of the numbers in the rows after it alone was accepted. */
  private enum Kind {
    RETRY {
      @Override
      Reply send(RetryRaceTest test, long batch) {
        return API.post("/batches/" + batch + "/retry");
      }

      @Override
      long sum(long changed) {
        return ROWS - 2;
      }
    },
    UNDO {
      @Override
      Reply send(RetryRaceTest test, long batch) {
        return API.post("/batches/" + batch + "/undo");
      }

      @Override
      long sum(long changed) {
        return 0;
      }
    },
    SKIPPED {
      @Override
      Reply send(RetryRaceTest test, long batch) {
        return API.post("/batches/" + batch + "/skipped/retry");
      }

      @Override
      long sum(long changed) {
        return changed + 2;
      }
    },
    START {
      @Override
      Reply send(RetryRaceTest test, long batch) {
        return API.start(test.project).sql(test.update()).send();
      }

      @Override
      long sum(long changed) {
        return changed + ROWS;
      }
    };

    abstract Reply send(RetryRaceTest test, long batch);

    abstract long sum(long changed);
  }

  @Inject AgroalDataSource database;

  private final String project = Batches.newProject();
  private final ExecutorService callers = Executors.newCachedThreadPool();
  @RegisterExtension final WorkTable table = WorkTable.ofRows(ROWS);

  @AfterEach
  void end_callers() {
    callers.shutdownNow();
  }

  private String update() {
    return "UPDATE " + table.name() + " SET n = n + 1 WHERE id > 0";
  }

  /** Runs a batch that passes over two rows and fails at the third, and repairs all three. */
  private long failed() throws SQLException {
    table.execute("UPDATE " + table.name() + " SET n = IF(id IN " + BAD + ", 2147483647, 0)");
    Reply failed =
        API.start(project)
            .sql(update())
            .chunkRows(10)
            .with("lanes", 1)
            .with("undo", true)
            .with("onError", Map.of("mode", "skip", "maxSkipped", 2))
            .waiting()
            .send()
            .statusCode(200);
    assertEquals("failed", failed.path("status"), failed.text());
    assertEquals(2, failed.<Integer>path("skipped"), failed.text());
    table.execute("UPDATE " + table.name() + " SET n = 0 WHERE n = 2147483647");
    return failed.id();
  }

  /** Sends the requests at the same moment. None of their batches ends before all responses. */
  private List<Reply> race(long batch, List<Kind> kinds) throws Exception {
    try (Connection holder = database.getConnection();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("SELECT COUNT(*) FROM " + table.name() + " FOR UPDATE");
      var barrier = new CyclicBarrier(kinds.size());
      List<Future<Reply>> calls = new ArrayList<>();
      for (Kind kind : kinds) {
        Callable<Reply> call =
            () -> {
              barrier.await();
              return kind.send(this, batch);
            };
        calls.add(callers.submit(call));
      }
      List<Reply> replies = new ArrayList<>();
      for (Future<Reply> call : calls) {
        replies.add(call.get());
      }
      holder.rollback();
      return replies;
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "RETRY RETRY",
        "RETRY UNDO",
        "RETRY START",
        "RETRY SKIPPED",
        "SKIPPED SKIPPED",
        "RETRY RETRY UNDO START SKIPPED"
      })
  void one_request_wins(String requests) throws Exception {
    List<Kind> kinds = List.of(requests.split(" ")).stream().map(Kind::valueOf).toList();
    for (int round = 0; round < ROUNDS; round++) {
      long batch = failed();
      long changed = table.rowsWith(1);
      long epoch = epoch(batch);
      List<Reply> replies = race(batch, kinds);

      List<Reply> accepted = replies.stream().filter(it -> it.status() == 202).toList();
      assertEquals(1, accepted.size(), replies::toString);
      Kind winner = kinds.get(replies.indexOf(accepted.get(0)));
      for (Reply reply : replies) {
        if (reply.status() != 202) {
          assertEquals(409, reply.status(), reply::text);
          assertTrue(REFUSALS.contains(reply.problem()), reply::text);
        }
      }
      long won = accepted.get(0).id();
      assertEquals(winner == Kind.RETRY, won == batch, replies::toString);
      String ended = API.ended(won).path("status").asText();
      assertEquals("succeeded", ended, () -> API.get("/batches/" + won).text());
      assertEquals(
          winner.sum(changed), table.number("SELECT SUM(n) FROM " + table.name()), requests);
      // A retry and the claim of its run raise the epoch by one each.
      assertEquals(epoch + (winner == Kind.RETRY ? 2 : 0), epoch(batch), requests);
      assertEquals(
          winner == Kind.RETRY ? 0 : 1,
          table.number(
              "SELECT COUNT(*) FROM batch WHERE project = '" + project + "' AND id > " + batch));
    }
  }

  private long epoch(long batch) throws SQLException {
    return table.number("SELECT epoch FROM batch WHERE id = " + batch);
  }
}
