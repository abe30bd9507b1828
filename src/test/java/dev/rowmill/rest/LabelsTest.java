package dev.rowmill.rest;

import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.WorkTable;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class LabelsTest {

  private static final RowmillApi API = RowmillApi.local();

  @RegisterExtension final WorkTable table = WorkTable.ofRows(10);

  private final String project = Batches.newProject();

  private Reply start(String in, Object labels) {
    return API.start(in)
        .sql("UPDATE " + table.name() + " SET n = n + 1 WHERE id > 0")
        .with("labels", labels)
        .waiting()
        .send();
  }

  private static String filter(String... labels) {
    var query = new StringBuilder();
    for (String label : labels) {
      query.append("&label=").append(URLEncoder.encode(label, StandardCharsets.UTF_8));
    }
    return query.toString();
  }

  @Test
  void batches_are_found_by_their_labels() {
    String ticket = "OPS-" + project;
    Map<String, String> both = Map.of("ticket", ticket, "team", "价格 & co");
    int first = start(project, both).statusCode(200).body("labels", equalTo(both)).path("id");
    int second = start(project, Map.of("ticket", ticket)).path("id");
    String other = Batches.newProject();
    int third = start(other, Map.of("ticket", ticket, "team", "stock")).path("id");
    start(project, Map.of("ticket", ticket + "0"));
    String byTicket = filter("ticket:" + ticket);
    API.get("/batches?limit=500" + byTicket).body("items.id", contains(third, second, first));
    API.get("/batches?project=" + project + byTicket).body("items.id", contains(second, first));
    API.get("/projects/" + project + "/batches?status=succeeded&mode=parallel" + byTicket)
        .body("items.id", contains(second, first));
    API.get("/batches?status=failed" + byTicket).body("items", empty());
    API.get("/batches?mode=serial" + byTicket).body("items", empty());
    API.get("/batches?limit=9" + byTicket + filter("team:价格 & co"))
        .body("items.id", contains(first));
    API.get("/batches?limit=9" + byTicket + filter("team:none")).body("items", empty());
    API.get("/batches?limit=9" + byTicket + filter("ticket:other")).body("items", empty());
  }

  @Test
  void the_next_page_has_the_same_labels() {
    String ticket = "a&b=" + project;
    int first = start(project, Map.of("ticket", ticket, "n", "1")).path("id");
    int second = start(project, Map.of("ticket", ticket, "n", "1")).path("id");
    Reply page = API.get("/batches?limit=1" + filter("ticket:" + ticket, "n:1"));
    page.body("items.id", contains(second));
    API.get(page.path("next")).body("items.id", contains(first)).body("next", nullValue());
  }

  @Test
  void a_batch_without_labels_has_none() {
    start(project, Map.of()).statusCode(200).body("labels", equalTo(Map.of()));
  }

  @Test
  void an_undo_has_labels_of_its_own() {
    int id = start(project, Map.of("ticket", "OPS-1")).path("id");
    API.waiting()
        .json(Map.of("labels", Map.of("ticket", "OPS-2")))
        .post("/batches/" + id + "/undo")
        .statusCode(200)
        .body("labels", equalTo(Map.of("ticket", "OPS-2")));
  }

  @Test
  void bad_labels_are_rejected() {
    violation(List.of("a"), "labels");
    violation(Map.of("a b", "x"), "labels.a b");
    violation(Map.of("", "x"), "labels");
    violation(Map.of("a", 1), "labels.a");
    violation(Map.of("a", ""), "labels.a");
    violation(Map.of("a", " x"), "labels.a");
    violation(Map.of("a", "x "), "labels.a");
    violation(Map.of("a", "x".repeat(201)), "labels.a");
    Map<String, String> many = new LinkedHashMap<>();
    for (int i = 0; i < 17; i++) {
      many.put("n" + i, "x");
    }
    violation(many, "labels");
    for (String bad : List.of("ticket", ":x", "ticket:", "a b:c", "ticket: x")) {
      API.get("/batches?limit=1" + filter(bad))
          .statusCode(400)
          .body("violations.field", contains("label"));
    }
  }

  private void violation(Object labels, String field) {
    Reply reply = start(project, labels).statusCode(400);
    assertEquals(List.of(field), reply.path("violations.field"), labels.toString());
  }
}
