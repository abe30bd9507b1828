package dev.rowmill.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.CallTask;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests that the OpenAPI document promises nothing to a generated client that fails in use. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ApiDocumentRulesTest {

  private static final RowmillApi API = RowmillApi.local();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");

  /** Lists the bodies whose members replace stored ones, so that a default would replace them. */
  private static final Set<String> OVERRIDING = Set.of("Start", "RetryRequest", "Settings");

  private static final String CHAIN =
      """
      {"steps": [{"name": "one", "project": "%s", "task": "call",
                  "parameters": {"call": "document"}}]}""";

  @Inject Batches batches;

  private JsonNode document;

  /** Represents an operation. */
  private record Operation(String method, String path, JsonNode node) {

    /** Returns the path with an object's id, or with a name that no object has. */
    String with(long id) {
      return path.replace("{id}", String.valueOf(id))
          .replace("{project}", "document")
          .replace("{plan}", "no-such")
          .replace("{name}", "no-such");
    }

    JsonNode body() {
      return node.path("requestBody").path("content").path("application/json");
    }

    @Override
    public String toString() {
      return method + " " + path;
    }
  }

  @BeforeEach
  void read() throws JsonProcessingException {
    document = JSON.readTree(API.get("/q/openapi?format=json").statusCode(200).text());
  }

  @Test
  void each_operation_names_only_defined_security_schemes() {
    Set<String> defined = names(document.at("/components/securitySchemes"));
    assertEquals(Set.of("token", "session"), defined);
    for (Operation operation : operations()) {
      Set<String> named = new TreeSet<>();
      operation.node.path("security").forEach(it -> named.addAll(names(it)));
      boolean signsIn = operation.toString().equals("post /api/v1/session");
      assertEquals(signsIn ? Set.of() : defined, named, operation::toString);
      assertTrue(operation.node.path("security").isArray(), operation::toString);
    }
  }

  @Test
  void the_document_names_its_server() {
    assertFalse(document.at("/servers/0/url").asText().isEmpty());
  }

  @Test
  void a_default_has_the_type_of_its_schema() {
    Set<String> wrong = new TreeSet<>();
    forEachSchema(
        (where, schema) -> {
          JsonNode preset = schema.path("default");
          if (!preset.isMissingNode() && !types(schema).contains(type(preset))) {
            wrong.add(where + ": " + preset);
          }
        });
    assertEquals(Set.of(), wrong);
  }

  @Test
  void an_enumeration_of_a_schema_that_allows_null_has_null() {
    Set<String> wrong = new TreeSet<>();
    forEachSchema(
        (where, schema) -> {
          boolean hasNull = false;
          for (JsonNode value : schema.path("enum")) {
            hasNull |= value.isNull();
          }
          if (schema.has("enum") && types(schema).contains("null") && !hasNull) {
            wrong.add(where);
          }
        });
    assertEquals(Set.of(), wrong);
  }

  @Test
  void a_required_member_has_no_default() {
    Set<String> both = new TreeSet<>();
    forEachSchema(
        (where, schema) ->
            schema
                .path("required")
                .forEach(
                    name -> {
                      if (schema.path("properties").path(name.asText()).has("default")) {
                        both.add(where + "/" + name.asText());
                      }
                    }));
    assertEquals(Set.of(), both);
  }

  @Test
  void a_body_that_replaces_stored_members_has_no_defaults() {
    Set<String> presets = new TreeSet<>();
    for (String name : OVERRIDING) {
      JsonNode schema = document.at("/components/schemas/" + name);
      assertTrue(schema.has("properties"), name);
      schema
          .path("properties")
          .properties()
          .forEach(
              member -> {
                if (member.getValue().has("default")) {
                  presets.add(name + "." + member.getKey());
                }
              });
    }
    assertEquals(Set.of(), presets);
  }

  /** Generated clients send the defaults of the members that their caller leaves out. */
  @Test
  void a_default_that_is_sent_has_the_effect_of_none() {
    Set<String> sent = new HashSet<>();
    for (Operation operation : operations()) {
      JsonNode schema = resolved(operation.body().path("schema"));
      for (JsonNode example : operation.body().path("examples")) {
        JsonNode without = example.path("value");
        JsonNode with = without.deepCopy();
        fill(with, schema);
        if (!with.equals(without)) {
          sent.add(operation.toString());
          assertEquals(
              outcome(send(operation, without)), outcome(send(operation, with)), with::toString);
        }
      }
    }
    assertTrue(sent.contains("put /api/v1/schedules/{name}"), sent::toString);
  }

  @Test
  void a_body_is_required_where_a_request_without_it_is_rejected() {
    CallTask.put("document", context -> {});
    long batch =
        batches.ended(batches.start(Batches.request("document", "call", "call", "document"))).id();
    long chain =
        API.json(CHAIN.formatted(Batches.newProject())).post("/chains").statusCode(202).id();
    for (Operation operation : operations()) {
      if (operation.body().isMissingNode()) {
        continue;
      }
      String path = operation.with(operation.path.contains("/chains/") ? chain : batch);
      Reply reply = API.header("Content-Type", "application/json").send(verb(operation), path);
      assertEquals(
          operation.node.at("/requestBody/required").asBoolean(),
          reply.problem().equals("invalid-request"),
          () -> operation + ": " + reply.text());
    }
  }

  /** A generated client accepts one of the documented types, which may be that of problems. */
  @Test
  void a_client_that_accepts_one_of_the_documented_types_gets_a_response() {
    for (Operation operation : operations()) {
      Set<String> types = new TreeSet<>(Set.of("application/json"));
      operation.node.path("responses").forEach(it -> types.addAll(names(it.path("content"))));
      for (String type : types) {
        Reply reply = API.header("Accept", type).send(verb(operation), operation.with(999_999_999));
        assertTrue(reply.status() != 406, () -> operation + " with " + type);
      }
    }
  }

  @Test
  void each_body_and_each_response_has_an_example() {
    Set<String> without = new TreeSet<>();
    for (Operation operation : operations()) {
      JsonNode body = operation.node.path("requestBody");
      contents(operation + " body", body, without);
      operation
          .node
          .path("responses")
          .properties()
          .forEach(it -> contents(operation + " " + it.getKey(), it.getValue(), without));
    }
    assertEquals(Set.of(), without);
  }

  private static void contents(String where, JsonNode of, Set<String> without) {
    of.path("content")
        .properties()
        .forEach(
            it -> {
              // The bytes of a file have none.
              boolean isFile = it.getValue().at("/schema/format").asText().equals("binary");
              if (!isFile && !it.getValue().has("example") && !it.getValue().has("examples")) {
                without.add(where + " " + it.getKey());
              }
            });
  }

  @Test
  void each_operation_has_an_id_of_a_verb_and_an_object() {
    Set<String> ids = new HashSet<>();
    for (Operation operation : operations()) {
      String id = operation.node.path("operationId").asText();
      assertTrue(ids.add(id), id);
      assertTrue(id.matches("[a-z]+[A-Z][A-Za-z]+|sign(In|Out)"), id);
    }
  }

  /** Go names the function that creates a Token NewToken. */
  @Test
  void no_schema_has_the_name_of_a_constructor_of_another() {
    Set<String> schemas = names(document.at("/components/schemas"));
    schemas.forEach(it -> assertFalse(schemas.contains("New" + it), it));
  }

  @Test
  void all_members_of_a_response_are_required() {
    // Window and Limits are in requests, too.
    Set<String> seen = new HashSet<>(Set.of("Window", "Limits", "Problem"));
    for (Operation operation : operations()) {
      operation
          .node
          .path("responses")
          .forEach(
              it ->
                  it.path("content").forEach(content -> requiresAll(content.path("schema"), seen)));
    }
    assertTrue(seen.contains("ChainPlanStep"), seen::toString);
  }

  private void requiresAll(JsonNode schema, Set<String> seen) {
    JsonNode reference = schema.path("$ref");
    String name = reference.asText().replaceFirst(".*/", "");
    if (reference.isTextual() && seen.add(name)) {
      JsonNode of = resolved(schema);
      Set<String> required = new TreeSet<>();
      of.path("required").forEach(it -> required.add(it.asText()));
      assertTrue(required.containsAll(names(of.path("properties"))), name);
      of.path("properties").forEach(it -> requiresAll(it, seen));
    }
    schema.path("anyOf").forEach(it -> requiresAll(it, seen));
    if (schema.has("items")) {
      requiresAll(schema.path("items"), seen);
    }
  }

  private Reply send(Operation operation, JsonNode body) {
    return API.json(body).send(verb(operation), operation.with(999_999_999));
  }

  private static String outcome(Reply reply) {
    return (reply.status() < 300 ? "accepted" : reply.problem())
        + reply.body().path("violations")
        + reply.body().path("reasons");
  }

  /** Adds the defaults of a schema to an object, and to the objects in it. */
  private void fill(JsonNode value, JsonNode schema) {
    if (value.isArray()) {
      value.forEach(item -> fill(item, resolved(schema.path("items"))));
    }
    if (!(value instanceof ObjectNode object)) {
      return;
    }
    for (Map.Entry<String, JsonNode> member : schema.path("properties").properties()) {
      JsonNode of = resolved(member.getValue());
      if (object.has(member.getKey())) {
        fill(object.get(member.getKey()), of);
      } else if (of.has("default")) {
        object.set(member.getKey(), of.get("default"));
      }
    }
    JsonNode others = schema.path("additionalProperties");
    if (others.isObject()) {
      object.forEach(it -> fill(it, resolved(others)));
    }
  }

  private JsonNode resolved(JsonNode schema) {
    return schema.has("$ref") ? document.at(schema.path("$ref").asText().substring(1)) : schema;
  }

  private void forEachSchema(BiConsumer<String, JsonNode> reader) {
    walk("", document, reader);
  }

  private static void walk(String where, JsonNode node, BiConsumer<String, JsonNode> reader) {
    boolean isSchema = node.has("type") || node.has("properties") || node.has("anyOf");
    // The members of a body may have these names, too.
    if (isSchema && !where.endsWith("/properties")) {
      reader.accept(where, node);
    }
    if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        walk(where + "/" + i, node.get(i), reader);
      }
    }
    node.properties()
        .forEach(
            it -> {
              if (!Set.of("examples", "example", "default").contains(it.getKey())) {
                walk(where + "/" + it.getKey(), it.getValue(), reader);
              }
            });
  }

  private static Set<String> types(JsonNode schema) {
    Set<String> types = new HashSet<>();
    JsonNode declared = schema.path("type");
    if (declared.isArray()) {
      declared.forEach(it -> types.add(it.asText()));
    } else {
      types.add(declared.asText());
    }
    return types;
  }

  private static String type(JsonNode value) {
    if (value.isTextual()) {
      return "string";
    } else if (value.isBoolean()) {
      return "boolean";
    }
    return value.isIntegralNumber() ? "integer" : value.getNodeType().name();
  }

  private static String verb(Operation operation) {
    return operation.method.toUpperCase(Locale.ROOT);
  }

  private static Set<String> names(JsonNode object) {
    Set<String> names = new TreeSet<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private List<Operation> operations() {
    List<Operation> operations = new ArrayList<>();
    document
        .path("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .properties()
                    .forEach(
                        it -> {
                          if (METHODS.contains(it.getKey())) {
                            operations.add(
                                new Operation(it.getKey(), path.getKey(), it.getValue()));
                          }
                        }));
    assertFalse(operations.isEmpty());
    return operations;
  }
}
