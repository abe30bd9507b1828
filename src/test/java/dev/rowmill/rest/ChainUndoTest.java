package dev.rowmill.rest;

import static dev.rowmill.rest.ChainCalls.awaitStatus;
import static dev.rowmill.rest.ChainCalls.awaitStep;
import static dev.rowmill.rest.ChainCalls.batch;
import static dev.rowmill.rest.ChainCalls.chain;
import static dev.rowmill.rest.ChainCalls.done;
import static dev.rowmill.rest.ChainCalls.sql;
import static dev.rowmill.rest.ChainCalls.start;
import static dev.rowmill.rest.ChainCalls.steps;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.GateTask;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.Soak;
import dev.rowmill.testing.WorkTable;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests undos of chains over HTTP. Two tables are joined by a foreign key. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ChainUndoTest {

  private static final RowmillApi API = RowmillApi.local();
  private static final int ROWS = 300;
  private static final int RACES = Soak.number("testing.chain.races", 8, 60);

  @RegisterExtension final WorkTable source = WorkTable.ofRows(ROWS);

  @Inject Batches batches;

  private final String project = Batches.newProject();
  private final String other = Batches.newProject();
  private String parent = "";
  private String child = "";

  @BeforeEach
  void createParentAndChild() throws SQLException {
    parent = source.name() + "_parent";
    child = source.name() + "_child";
    source.execute("DROP TABLE IF EXISTS " + child);
    source.execute("DROP TABLE IF EXISTS " + parent);
    source.execute("CREATE TABLE " + parent + " (id BIGINT PRIMARY KEY, n INT NOT NULL)");
    source.execute(
        "CREATE TABLE "
            + child
            + " (id BIGINT PRIMARY KEY, n INT NOT NULL, parent BIGINT NOT NULL,"
            + " FOREIGN KEY (parent) REFERENCES "
            + parent
            + " (id))");
  }

  @AfterEach
  void nothingIsLeftBehind() {
    GateTask.open(project);
    batches.leaveNothingBehind();
  }

  private static Map<String, Object> in(Map<String, Object> step) {
    step.put("chunk", Map.of("rows", 20));
    return step;
  }

  private Map<String, Object> parents() {
    return in(
        sql("parents", project, "INSERT INTO " + parent + " SELECT id, n FROM " + source.name()));
  }

  private Map<String, Object> children(String... needs) {
    return in(
        sql(
            "children",
            other,
            "INSERT INTO " + child + " SELECT id, n, id FROM " + source.name(),
            needs));
  }

  private Map<String, Object> update(String name, String table, int from, String... needs) {
    return in(
        sql(
            name,
            Batches.newProject(),
            "UPDATE " + table + " SET n = n + 1 WHERE n = " + from,
            needs));
  }

  private List<Long> sums() throws SQLException {
    return List.of(source.checksum(source.name()), source.checksum(parent), source.checksum(child));
  }

  private static Reply undo(int id) {
    return API.post("/chains/" + id + "/undo");
  }

  private static Reply refused(Reply reply, String type) {
    return reply.statusCode(409).body("type", equalTo("/problems/" + type));
  }

  private static int newestChain() {
    return API.get("/chains?limit=1").path("items[0].id");
  }

  private static void withoutConflicts(JsonNode undo) {
    undo.path("steps")
        .forEach(
            step ->
                API.get("/batches/" + step.path("batch").asLong())
                    .body("kind", equalTo("undo"))
                    .body("conflicts", equalTo(0)));
  }

  @Test
  void a_chain_is_undone_in_reverse_order_and_redone() throws SQLException {
    List<Long> before = sums();
    int id =
        done(
            parents(),
            children("parents"),
            update("nothing", child, -1, "children"),
            update("marked", child, 0, "nothing"),
            update("source", source.name(), 0, "parents"));
    List<Long> changed = sums();
    assertNotEquals(before, changed);
    Reply reply =
        API.json(Map.of("chunk", Map.of("rows", 20), "reason", "wrong month"))
            .post("/chains/" + id + "/undo")
            .statusCode(202)
            .body("undoOf", equalTo(id));
    int undo = reply.path("id");
    assertEquals("/api/v1/chains/" + undo, reply.header("Location").orElseThrow());
    JsonNode end = awaitStatus(undo, "succeeded");
    assertEquals(before, sums());
    withoutConflicts(end);
    Map<String, JsonNode> steps = steps(end);
    assertEquals(4, steps.size(), end::toString);
    assertEquals("[]", steps.get("marked").path("needs").toString());
    assertEquals("[]", steps.get("source").path("needs").toString());
    assertEquals("[\"marked\"]", steps.get("children").path("needs").toString());
    assertEquals(2, steps.get("parents").path("needs").size(), end::toString);
    API.get("/batches/" + batch(undo, "parents"))
        .body("undoes", equalTo((int) batch(id, "parents")))
        .body("reason", equalTo("wrong month"))
        .body("chain", equalTo(undo));
    refused(undo(id), "nothing-to-undo").body("chain", equalTo(id));
    assertEquals(undo, newestChain());

    int again = undo(undo).statusCode(202).body("undoOf", equalTo(undo)).path("id");
    withoutConflicts(awaitStatus(again, "succeeded"));
    assertEquals(changed, sums());
  }

  @Test
  void a_step_that_cannot_be_undone_refuses_everything() {
    Map<String, Object> second = children("parents");
    second.put("undo", false);
    int id = done(parents(), second, update("marked", child, 0, "children"));
    refused(undo(id), "not-undoable")
        .body("step", equalTo("children"))
        .body("batch", equalTo((int) batch(id, "children")))
        .body("reason", equalTo("nothing-kept"));
    assertEquals(id, newestChain());
    API.get("/batches/" + batch(id, "marked")).body("undoneBy", nullValue());
  }

  /** Starts a chain whose step of children fails at its last row. */
  private int failed() throws SQLException {
    source.execute("INSERT INTO " + parent + " VALUES (-1, 0)");
    source.execute("INSERT INTO " + child + " VALUES (" + ROWS + ", 0, -1)");
    int id =
        start(parents(), children("parents"), update("marked", child, 0, "children"))
            .statusCode(202)
            .path("id");
    awaitStatus(id, "failed");
    return id;
  }

  @Test
  void a_chain_that_failed_in_the_middle_is_undone_and_not_retried() throws SQLException {
    source.execute("INSERT INTO " + parent + " VALUES (-1, 0)");
    source.execute("INSERT INTO " + child + " VALUES (" + ROWS + ", 0, -1)");
    List<Long> before = sums();
    source.execute("DELETE FROM " + child);
    source.execute("DELETE FROM " + parent);
    int id = failed();
    assertNotEquals(before, sums());
    int undo =
        undo(id).statusCode(202).body("steps.name", contains("children", "parents")).path("id");
    awaitStatus(undo, "succeeded");
    assertEquals(before, sums());
    refused(API.post("/chains/" + id + "/retry"), "not-retryable");
    refused(API.post("/batches/" + batch(id, "marked") + "/retry"), "not-retryable")
        .body("reason", equalTo("undone-in-part"));
  }

  @Test
  void an_active_chain_is_not_undone() {
    Map<String, Object> gate = sql("gate", project, "");
    gate.remove("sql");
    gate.put("task", "gate");
    gate.put("parameters", Map.of("gate", project));
    int id =
        start(update("first", source.name(), 0), gate, update("last", source.name(), 1, "gate"))
            .path("id");
    awaitStep(id, "first", "succeeded");
    awaitStep(id, "gate", "running");
    refused(undo(id), "illegal-transition")
        .body("step", equalTo("gate"))
        .body("from", equalTo("running"));
    API.post("/batches/" + batch(id, "gate") + "/cancel?force=true").statusCode(202);
    awaitStatus(id, "cancelled");
    undo(id).statusCode(202).body("steps.name", contains("first"));
    awaitStatus(newestChain(), "succeeded");
  }

  @Test
  void a_failed_undo_is_retried() throws SQLException {
    List<Long> before = sums();
    int id = done(parents(), children("parents"), update("source", source.name(), 0, "children"));
    source.execute("UPDATE " + child + " SET n = 9 WHERE id = 100");
    int undo =
        API.json(Map.of("onConflict", "stop"))
            .post("/chains/" + id + "/undo")
            .statusCode(202)
            .path("id");
    Map<String, JsonNode> steps = steps(awaitStatus(undo, "failed"));
    assertEquals("succeeded", steps.get("source").path("status").asText());
    assertEquals("cancelled", steps.get("parents").path("status").asText());
    source.execute("UPDATE " + child + " SET n = 0 WHERE id = 100");

    // A second undo of the rest is in the way of a retry while it is active.
    long gate =
        API.start(other)
            .with(Map.of("task", "gate", "parameters", Map.of("gate", project)))
            .send()
            .id();
    Awaitility.await()
        .atMost(Batches.PATIENCE)
        .until(() -> API.batch(gate).path("status").asText().equals("running"));
    int second =
        undo(id).statusCode(202).body("steps.name", contains("children", "parents")).path("id");
    refused(API.post("/chains/" + undo + "/retry"), "not-undoable")
        .body("reason", equalTo("undo-active"));
    refused(undo(id), "not-undoable").body("reason", equalTo("undo-active"));
    refused(
            API.json(Map.of("onBusy", "queue")).post("/batches/" + batch(id, "children") + "/undo"),
            "not-undoable")
        .body("reason", equalTo("undo-active"));
    API.post("/chains/" + second + "/cancel").statusCode(202);
    awaitStatus(second, "cancelled");
    GateTask.open(project);

    API.post("/chains/" + undo + "/retry").statusCode(202);
    awaitStatus(undo, "succeeded");
    assertEquals(before, sums());
    refused(undo(id), "nothing-to-undo");
    refused(API.post("/chains/" + second + "/retry"), "not-undoable")
        .body("reason", equalTo("undone"));
  }

  @Test
  void a_repeated_request_undoes_once_and_bad_ones_change_nothing() {
    int id = done(update("only", source.name(), 0));
    violation(id, Map.of("onBusy", "queue"), "onBusy");
    violation(id, Map.of("after", List.of()), "after");
    violation(id, Map.of("onConflict", "ask"), "onConflict");
    violation(id, Map.of("steps", List.of()), "steps");
    assertEquals(id, newestChain());
    String key = Batches.newProject();
    int undo = repeated(id, key, Map.of()).statusCode(202).path("id");
    repeated(id, key, Map.of()).statusCode(202).body("id", equalTo(undo));
    repeated(id, key, Map.of("lanes", 2)).statusCode(422);
    awaitStatus(undo, "succeeded");
    API.post("/chains/999999999/undo").statusCode(404);
    API.get("/audit?limit=20")
        .statusCode(200)
        .body(
            "items.findAll { it.operation == 'undoChain' && it.batch == "
                + batch(undo, "only")
                + " }.request",
            contains("POST /api/v1/chains/" + id + "/undo"));
  }

  private static Reply repeated(int id, String key, Map<String, Object> body) {
    return API.header("Idempotency-Key", key).json(body).post("/chains/" + id + "/undo");
  }

  private static void violation(int id, Map<String, Object> body, String field) {
    API.json(body)
        .post("/chains/" + id + "/undo")
        .statusCode(400)
        .body("violations.field", contains(containsString(field)));
  }

  /** Sends requests at the same moment, and returns their responses. */
  private static List<Reply> together(ExecutorService threads, List<Supplier<Reply>> requests)
      throws Exception {
    var barrier = new CyclicBarrier(requests.size());
    List<Future<Reply>> replies = new ArrayList<>();
    for (Supplier<Reply> request : requests) {
      replies.add(
          threads.submit(
              () -> {
                barrier.await(1, TimeUnit.MINUTES);
                return request.get();
              }));
    }
    List<Reply> all = new ArrayList<>();
    for (Future<Reply> reply : replies) {
      all.add(reply.get(2, TimeUnit.MINUTES));
    }
    return all;
  }

  private static void allEnded(int chain) {
    Awaitility.await()
        .atMost(Batches.PATIENCE)
        .until(
            () ->
                List.of("succeeded", "failed", "cancelled")
                    .contains(chain(chain).path("status").asText()));
  }

  @Test
  void concurrent_undos_of_a_chain_and_of_a_step_restore_it_once() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (int i = 0; i < RACES; i++) {
        long before = source.checksum(source.name());
        int id = done(update("only", source.name(), 0));
        String single = "/batches/" + batch(id, "only") + "/undo";
        List<Reply> replies =
            together(
                threads,
                List.of(
                    () -> undo(id),
                    () -> undo(id),
                    () -> API.json(Map.of("onBusy", "queue")).post(single),
                    () -> undo(id)));
        List<Integer> statuses = replies.stream().map(Reply::status).sorted().toList();
        assertEquals(List.of(202, 409, 409, 409), statuses);
        Awaitility.await()
            .atMost(Batches.PATIENCE)
            .until(() -> API.get(single.replace("/undo", "")).path("undoneBy") != null);
        assertEquals(before, source.checksum(source.name()));
        batches.leaveNothingBehind();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static Reply undoAfter(long millis, int id) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return undo(id);
  }

  @Test
  void an_undo_and_a_retry_of_a_chain_never_both_succeed() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(3);
    int undone = 0;
    try {
      for (int i = 0; i < RACES; i++) {
        source.execute("DELETE FROM " + child);
        source.execute("DELETE FROM " + parent);
        source.execute("INSERT INTO " + parent + " VALUES (-1, 0)");
        source.execute("INSERT INTO " + child + " VALUES (1, 0, -1)");
        int id = start(parents(), children("parents")).statusCode(202).path("id");
        awaitStatus(id, "failed");
        source.execute("DELETE FROM " + child);
        String step = "/batches/" + batch(id, "children") + "/retry";
        long delay = 6L * (i % 10);
        List<Reply> replies =
            together(
                threads,
                List.of(
                    () -> undoAfter(delay, id),
                    () -> API.post("/chains/" + id + "/retry"),
                    () -> API.post(step)));
        List<Integer> statuses = replies.stream().map(Reply::status).toList();
        allEnded(id);
        boolean isUndone = statuses.get(0) == 202;
        if (isUndone) {
          undone++;
          awaitStatus(newestChain(), "succeeded");
        }
        assertTrue(statuses.contains(202), statuses::toString);
        String counts = " rows after " + statuses;
        assertEquals(
            isUndone ? 1 : ROWS + 1,
            source.number("SELECT COUNT(*) FROM " + parent),
            "parents:" + counts);
        assertEquals(
            isUndone ? 0 : ROWS, source.number("SELECT COUNT(*) FROM " + child), "child:" + counts);
        batches.leaveNothingBehind();
      }
    } finally {
      threads.shutdownNow();
    }
    System.out.printf("ChainUndoTest: %d of %d races won by the undo%n", undone, RACES);
  }

  @Test
  void the_undo_of_a_chain_without_changes_has_nothing_to_undo() {
    int id = done(update("none", source.name(), -5));
    refused(undo(id), "nothing-to-undo").body("violations", nullValue());
    API.get("/chains/" + id).body("undoOf", nullValue()).body("steps[0].needs", empty());
  }
}
