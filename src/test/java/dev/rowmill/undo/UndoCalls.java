package dev.rowmill.undo;

import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.testing.Batches;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import io.restassured.path.json.JsonPath;
import jakarta.enterprise.inject.spi.CDI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Starts batches and undoes them over HTTP, in a project that no other test uses.
 *
 * <p>As an extension, checks after each test that no batch holds a thread, a connection or a lock.
 */
final class UndoCalls implements AfterEachCallback {

  private static final RowmillApi API = RowmillApi.local();

  static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Holds no members, for requests with default settings. */
  static final Map<String, Object> DEFAULTS = Map.of();

  /** Holds the member for chunks of ten rows. */
  static final Map<String, Object> SMALL = chunk(10);

  private final String project = Batches.newProject();

  static Map<String, Object> chunk(int rows) {
    return Map.of("chunk", Map.of("rows", rows));
  }

  @Override
  public void afterEach(ExtensionContext context) {
    CDI.current().select(Batches.class).get().leaveNothingBehind();
  }

  String project() {
    return project;
  }

  /**
   * Requests a batch.
   *
   * @param more members of the request
   */
  Reply start(String sql, Map<String, Object> more) {
    return API.start(project).sql(sql).with(more).send();
  }

  /** Starts a batch that must be accepted, and returns its id. */
  long accepted(String sql, Map<String, Object> more) {
    return start(sql, more).statusCode(202).id();
  }

  /** Runs a batch that must succeed, and returns its id. */
  long done(String sql, Map<String, Object> more) {
    long id = accepted(sql, more);
    succeeded(id);
    return id;
  }

  /** Requests an undo. */
  static Reply undo(long id, Map<String, Object> body) {
    return API.json(body).post("/batches/" + id + "/undo");
  }

  /** Starts an undo that must be accepted, and returns the undo's id. */
  long undoAccepted(long id, Map<String, Object> body) {
    var response = undo(id, body).statusCode(202).body("kind", equalTo("undo"));
    long undo = response.id();
    assertEquals("/api/v1/batches/" + undo, response.header("Location").orElseThrow());
    assertEquals(id, response.json().getLong("undoes"));
    assertEquals(project, response.json().getString("project"));
    return undo;
  }

  /** Undoes a batch, which must succeed, and returns the undo's id. */
  long undone(long id, Map<String, Object> body) {
    long undo = undoAccepted(id, body);
    succeeded(undo);
    JsonPath original = batch(id);
    assertEquals(undo, original.getLong("undoneBy"), original::prettify);
    assertEquals(false, original.getBoolean("undo.available"), original::prettify);
    return undo;
  }

  JsonPath batch(long id) {
    return API.get("/batches/" + id).statusCode(200).json();
  }

  /** Waits for the end of a batch. */
  JsonPath ended(long id) {
    return Awaitility.await("end of batch " + id)
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> API.get("/batches/" + id + "?wait=30").statusCode(200).json(),
            batch -> batch.get("finishedAt") != null);
  }

  JsonPath succeeded(long id) {
    JsonPath batch = ended(id);
    assertEquals("succeeded", batch.getString("status"), batch::prettify);
    return batch;
  }

  /** Waits until a batch has been through some rows, of which it must still have some before it. */
  void underWay(long id, int rows) {
    Awaitility.await("batch " + id + " past " + rows + " rows")
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> batch(id).getLong("progress.rowsScanned") >= rows);
  }

  /** Cancels a batch that must not have ended, and waits for its end. */
  JsonPath cancelled(long id) {
    API.post("/batches/" + id + "/cancel").statusCode(202);
    JsonPath batch = ended(id);
    assertEquals("cancelled", batch.getString("status"), batch::prettify);
    return batch;
  }

  /** Pauses a batch that must not have ended. */
  void paused(long id) {
    API.post("/batches/" + id + "/pause").statusCode(202);
    Awaitility.await("pause of batch " + id)
        .atMost(PATIENCE)
        .until(() -> batch(id).getString("status").equals("paused"));
  }

  void resume(long id) {
    API.post("/batches/" + id + "/resume").statusCode(202);
  }

  /** Reads all pages of an undo's conflicts: the reason by the key's only column. */
  static Map<Long, String> conflicts(long undo, int limit) {
    Map<Long, String> reasons = new HashMap<>();
    List<String> twice = new ArrayList<>();
    @Nullable String path = "/api/v1/batches/" + undo + "/conflicts?limit=" + limit;
    while (path != null) {
      JsonPath page = API.get(path).statusCode(200).json();
      List<Map<String, Object>> items = page.getList("items");
      for (Map<String, Object> item : items) {
        Map<?, ?> key = (Map<?, ?>) item.get("key");
        assertEquals(Set.of("id"), key.keySet());
        String id = (String) key.get("id");
        if (reasons.put(Long.valueOf(id), (String) item.get("reason")) != null) {
          twice.add(id);
        }
      }
      path = page.getString("next");
    }
    assertEquals(List.of(), twice, "keys listed twice");
    return reasons;
  }
}
