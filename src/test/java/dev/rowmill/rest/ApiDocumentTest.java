package dev.rowmill.rest;

import static org.hamcrest.Matchers.containsString;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ApiDocumentTest {

  private static final RowmillApi API = RowmillApi.local();

  private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");

  private JsonNode document;

  @BeforeEach
  void read() throws JsonProcessingException {
    String text = API.get("/q/openapi?format=json").statusCode(200).text();
    document = new ObjectMapper().readTree(text);
  }

  @Test
  void every_operation_of_the_contract_is_described() {
    Set<String> operations = new TreeSet<>();
    forEachOperation((name, operation) -> operations.add(name));
    assertEquals(
        new TreeSet<>(
            Set.of(
                "get /api/v1/audit",
                "get /api/v1/audit/verify",
                "get /api/v1/batches",
                "get /api/v1/batches/{id}",
                "get /api/v1/batches/{id}/changes",
                "get /api/v1/batches/{id}/manifest",
                "post /api/v1/projects/{project}/exports",
                "get /api/v1/batches/{id}/conflicts",
                "get /api/v1/batches/{id}/events",
                "get /api/v1/batches/{id}/lanes",
                "get /api/v1/batches/{id}/ranges",
                "get /api/v1/batches/{id}/skipped",
                "get /api/v1/batches/{id}/timeline",
                "get /api/v1/events",
                "get /api/v1/nodes",
                "get /api/v1/pool",
                "get /api/v1/projects",
                "get /api/v1/projects/{project}",
                "get /api/v1/projects/{project}/plans/{plan}",
                "get /api/v1/projects/{project}/batches",
                "post /api/v1/projects/{project}/batches",
                "post /api/v1/projects/{project}/plans",
                "post /api/v1/batches/{id}/pause",
                "post /api/v1/batches/{id}/resume",
                "post /api/v1/batches/{id}/retry",
                "post /api/v1/batches/{id}/skipped/retry",
                "post /api/v1/batches/{id}/cancel",
                "post /api/v1/batches/{id}/approve",
                "patch /api/v1/batches/{id}",
                "post /api/v1/batches/{id}/restore",
                "post /api/v1/batches/{id}/undo",
                "get /api/v1/session",
                "post /api/v1/session",
                "delete /api/v1/session",
                "get /api/v1/tokens",
                "get /api/v1/uploads",
                "get /api/v1/uploads/{id}",
                "get /api/v1/uploads/{id}/errors",
                "post /api/v1/uploads",
                "delete /api/v1/uploads/{id}",
                "post /api/v1/tokens",
                "delete /api/v1/tokens/{id}",
                "get /api/v1/statements",
                "get /api/v1/statements/{name}",
                "put /api/v1/statements/{name}",
                "delete /api/v1/statements/{name}",
                "put /api/v1/retention/{name}",
                "get /api/v1/retention/{name}",
                "delete /api/v1/retention/{name}",
                "get /api/v1/schedules",
                "get /api/v1/schedules/{name}",
                "put /api/v1/schedules/{name}",
                "delete /api/v1/schedules/{name}",
                "post /api/v1/schedules/{name}/pause",
                "post /api/v1/schedules/{name}/resume",
                "post /api/v1/schedules/{name}/run",
                "post /api/v1/schedules/{name}/approve",
                "post /api/v1/schedules/{name}/preview",
                "get /api/v1/schedules/{name}/next",
                "get /api/v1/schedules/{name}/runs",
                "get /api/v1/tasks",
                "get /api/v1/tasks/{name}",
                "put /api/v1/tasks/{name}",
                "delete /api/v1/tasks/{name}",
                "post /api/v1/tasks/{name}/lease",
                "post /api/v1/tasks/{name}/complete",
                "post /api/v1/tasks/{name}/extend",
                "get /api/v1/chains",
                "post /api/v1/chains",
                "post /api/v1/chains/plans",
                "get /api/v1/chains/{id}",
                "post /api/v1/chains/{id}/pause",
                "post /api/v1/chains/{id}/resume",
                "post /api/v1/chains/{id}/cancel",
                "post /api/v1/chains/{id}/retry",
                "post /api/v1/chains/{id}/undo")),
        operations);
  }

  @Test
  void a_rejected_method_names_the_operations_of_its_path() {
    document
        .path("paths")
        .fields()
        .forEachRemaining(
            path -> {
              Set<String> allowed = new TreeSet<>(Set.of("OPTIONS"));
              path.getValue()
                  .fieldNames()
                  .forEachRemaining(name -> allowed.add(name.toUpperCase(Locale.ROOT)));
              allowed.retainAll(Set.of("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"));
              if (allowed.contains("GET")) {
                allowed.add("HEAD");
              }
              String method = allowed.contains("PATCH") ? "PUT" : "PATCH";
              API.request()
                  .send(method, path.getKey().replaceAll("\\{\\w+}", "1"))
                  .statusCode(405)
                  .header("Allow", String.join(", ", allowed));
            });
  }

  @Test
  void everything_has_a_description() {
    List<String> bare = new ArrayList<>();
    forEachOperation(
        (name, operation) -> {
          need(bare, operation, name, "summary", "description", "operationId");
          assertFalse(operation.path("tags").isEmpty(), name);
          operation
              .path("parameters")
              .forEach(it -> need(bare, it, name + " " + it.path("name"), "description"));
          operation
              .path("responses")
              .properties()
              .forEach(it -> need(bare, it.getValue(), name + " " + it.getKey(), "description"));
        });
    document
        .at("/components/schemas")
        .properties()
        .forEach(
            schema ->
                schema
                    .getValue()
                    .path("properties")
                    .properties()
                    .forEach(
                        it -> {
                          if (!it.getValue().has("$ref") && !it.getValue().has("anyOf")) {
                            need(
                                bare,
                                it.getValue(),
                                schema.getKey() + "." + it.getKey(),
                                "description");
                          }
                        }));
    document.path("tags").forEach(tag -> need(bare, tag, "tag " + tag.path("name"), "description"));
    need(bare, document.path("info"), "info", "title", "description", "version");
    assertEquals(List.of(), bare);
  }

  @Test
  void a_start_lists_every_possible_problem_with_an_example() {
    JsonNode responses =
        document.at("/paths/~1api~1v1~1projects~1{project}~1batches/post/responses");
    Set<String> types = new TreeSet<>();
    for (String status :
        List.of("400", "401", "403", "409", "410", "413", "415", "422", "429", "500", "503")) {
      JsonNode content = responses.path(status).path("content").path("application/problem+json");
      assertFalse(content.isMissingNode(), status);
      content
          .path("examples")
          .forEach(
              reference -> {
                JsonNode example = document.at(reference.path("$ref").asText().substring(1));
                types.add(example.at("/value/type").asText());
                assertEquals(status, example.at("/value/status").asText());
                assertFalse(example.at("/value/detail").asText().contains("{"), example.toString());
              });
    }
    assertEquals(34, types.size(), types.toString());
  }

  @Test
  void the_values_of_parameters_are_described() {
    JsonNode values =
        document.at("/components/schemas/Start/properties/parameters/additionalProperties");
    assertFalse(values.has("type"));
    assertTrue(values.path("description").asText().contains("TypedValue"));
    JsonNode typed = document.at("/components/schemas/TypedValue");
    assertEquals(1, typed.path("maxProperties").asInt());
    assertEquals(
        Set.of("datetime", "date", "time", "decimal", "json", "base64"),
        Set.copyOf(typed.path("properties").properties().stream().map(Map.Entry::getKey).toList()));
  }

  @Test
  void nullable_members_are_marked() {
    JsonNode batch = document.at("/components/schemas/Batch");
    assertTrue(batch.at("/properties/finishedAt/type").toString().contains("null"));
    assertTrue(batch.at("/properties/error/anyOf").toString().contains("Problem"));
    assertFalse(batch.at("/properties/createdAt/type").toString().contains("null"));
    assertEquals(47, batch.path("required").size());
  }

  @Test
  void the_document_can_be_browsed() {
    API.get("/q/swagger-ui/").statusCode(200).body(containsString("swagger-ui"));
  }

  private interface OperationReader {
    void read(String name, JsonNode operation);
  }

  private void forEachOperation(OperationReader reader) {
    document
        .path("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .properties()
                    .forEach(
                        method -> {
                          if (METHODS.contains(method.getKey())) {
                            reader.read(method.getKey() + " " + path.getKey(), method.getValue());
                          }
                        }));
  }

  private static void need(List<String> bare, JsonNode node, String where, String... members) {
    for (String member : members) {
      if (node.path(member).asText().isBlank()) {
        bare.add(where + " lacks " + member);
      }
    }
  }
}
