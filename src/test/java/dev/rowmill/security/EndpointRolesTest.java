package dev.rowmill.security;

import static dev.rowmill.security.Role.ADMIN;
import static dev.rowmill.security.Role.AGENT;
import static dev.rowmill.security.Role.AUTHOR;
import static dev.rowmill.security.Role.OPERATOR;
import static dev.rowmill.security.Role.VIEWER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.CallTask;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.TestTokens;
import dev.rowmill.testing.TokenProfile;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import java.lang.annotation.Annotation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests the response of every endpoint to each kind of caller. Fails for an endpoint that has no
 * line in the table.
 */
@QuarkusTest
@TestProfile(TokenProfile.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EndpointRolesTest {

  private static final String API = "/api/v1";

  /** Names a project that the tokens other than admin do not see, with an ended batch. */
  private static final String PROJECT = "roles";

  private static final String SELECT = "{\"sql\": \"SELECT 1\"}";
  private static final String EXPORT =
      "{\"select\": \"SELECT 1\", \"format\": \"csv\", \"to\": {\"directory\": \"d\"}}";
  private static final String NO_TASK = "{\"task\": \"none\"}";
  private static final String NO_UPLOAD =
      "{\"upload\": \"u_1\", \"table\": \"a.b\", \"match\": [\"c\"], \"do\": \"delete\"}";
  private static final String NO_STATEMENT = "{\"statement\": \"none\"}";

  /** Returns the start of a task without its parameters. */
  private static String task(String name) {
    return "{\"task\": \"" + name + "\"}";
  }

  /**
   * Represents a line of the table.
   *
   * @param needed lowest role that is allowed; null if anyone is
   * @param may response to allowed callers
   * @param other response to an author of another project, or to an admin where only admins are
   *     allowed
   */
  private record Row(
      String method,
      String path,
      @Nullable String body,
      @Nullable Role needed,
      int may,
      int other) {

    @Override
    public String toString() {
      return method + " " + path + (body == null ? "" : " " + body);
    }

    int status(Column column) {
      if (needed == null) {
        return may;
      }
      return switch (column) {
        case NO_TOKEN, BAD, EXPIRED, REVOKED -> 401;
        case OTHER_PROJECT -> other;
        default -> column.role().includes(needed) ? may : 403;
      };
    }
  }

  private enum Column {
    NO_TOKEN,
    BAD,
    EXPIRED,
    REVOKED,
    VIEWER,
    AGENT,
    OPERATOR,
    AUTHOR,
    ADMIN,
    OTHER_PROJECT;

    Role role() {
      return Role.valueOf(name());
    }
  }

  private static final List<Row> TABLE =
      List.of(
          row("GET", API + "/projects", VIEWER, 200, 200),
          row("GET", API + "/projects/{project}", VIEWER, 200, 404),
          row("GET", API + "/projects/{project}/batches", VIEWER, 200, 404),
          row("POST", API + "/projects/{project}/batches", NO_TASK, OPERATOR, 422, 404),
          row("POST", API + "/projects/{project}/batches", NO_UPLOAD, AUTHOR, 422, 404),
          row("POST", API + "/projects/{project}/batches", task("archive"), AUTHOR, 400, 404),
          row("POST", API + "/projects/{project}/batches", task("export"), AUTHOR, 400, 404),
          row("POST", API + "/projects/{project}/batches", task("restore"), AUTHOR, 400, 404),
          row(
              "POST",
              API + "/projects/{project}/batches",
              task("restore-files"),
              OPERATOR,
              400,
              404),
          row("POST", API + "/projects/{project}/batches", task("upload"), AUTHOR, 400, 404),
          row("POST", API + "/projects/{project}/batches", SELECT, AUTHOR, 422, 404),
          row("POST", API + "/projects/{project}/plans", NO_TASK, OPERATOR, 422, 404),
          row("POST", API + "/projects/{project}/plans", SELECT, AUTHOR, 422, 404),
          row("GET", API + "/projects/{project}/plans/{plan}", OPERATOR, 404, 404),
          row("GET", API + "/batches", VIEWER, 200, 200),
          row("GET", API + "/batches/{id}", VIEWER, 200, 404),
          row("GET", API + "/batches/{id}/events", VIEWER, 200, 404),
          row("GET", API + "/batches/{id}/timeline", VIEWER, 200, 404),
          row("GET", API + "/batches/{id}/lanes", VIEWER, 200, 404),
          row("GET", API + "/batches/{id}/ranges", VIEWER, 200, 404),
          row("GET", API + "/batches/{id}/conflicts", VIEWER, 200, 404),
          row("GET", API + "/batches/{id}/skipped", VIEWER, 200, 404),
          row("GET", API + "/batches/{id}/changes", AUTHOR, 200, 404),
          row("GET", API + "/batches/{id}/manifest", VIEWER, 404, 404),
          row("POST", API + "/projects/{project}/exports", EXPORT, AUTHOR, 422, 404),
          row("POST", API + "/batches/{id}/pause", OPERATOR, 409, 404),
          row("POST", API + "/batches/{id}/resume", OPERATOR, 409, 404),
          row("POST", API + "/batches/{id}/cancel", OPERATOR, 409, 404),
          row("POST", API + "/batches/{id}/approve", AUTHOR, 409, 404),
          row("POST", API + "/batches/{id}/undo", OPERATOR, 409, 404),
          row("POST", API + "/batches/{id}/restore", OPERATOR, 409, 404),
          row("POST", API + "/batches/{id}/retry", OPERATOR, 409, 404),
          row("POST", API + "/batches/{id}/skipped/retry", OPERATOR, 409, 404),
          row("PATCH", API + "/batches/{id}", "{\"lanes\": 2}", OPERATOR, 409, 404),
          row("POST", API + "/chains", "{}", OPERATOR, 400, 400),
          row("POST", API + "/chains/plans", "{}", OPERATOR, 400, 400),
          row("GET", API + "/chains", VIEWER, 200, 200),
          row("GET", API + "/chains/{id}", VIEWER, 404, 404),
          row("POST", API + "/chains/{id}/pause", OPERATOR, 404, 404),
          row("POST", API + "/chains/{id}/resume", OPERATOR, 404, 404),
          row("POST", API + "/chains/{id}/cancel", OPERATOR, 404, 404),
          row("POST", API + "/chains/{id}/retry", OPERATOR, 404, 404),
          row("POST", API + "/chains/{id}/undo", OPERATOR, 404, 404),
          row("GET", API + "/events", VIEWER, 200, 200),
          row("GET", API + "/pool", VIEWER, 200, 200),
          row("GET", API + "/nodes", VIEWER, 200, 200),
          row("GET", API + "/tasks", VIEWER, 200, 200),
          row("GET", API + "/tasks/{name}", VIEWER, 404, 404),
          row("PUT", API + "/tasks/{name}", "{\"x\": 1}", ADMIN, 400, 403),
          row("DELETE", API + "/tasks/{name}", ADMIN, 404, 403),
          row("POST", API + "/tasks/{name}/lease", OPERATOR, 422, 422),
          row("POST", API + "/tasks/{name}/complete", "{\"lease\": \"x\"}", OPERATOR, 422, 422),
          row("POST", API + "/tasks/{name}/extend", "{\"lease\": \"x\"}", OPERATOR, 422, 422),
          row("GET", API + "/tokens", ADMIN, 200, 403),
          row("POST", API + "/tokens", "{}", ADMIN, 400, 403),
          row("DELETE", API + "/tokens/{id}", ADMIN, 409, 403),
          row("POST", API + "/projects/{project}/batches", NO_STATEMENT, OPERATOR, 422, 404),
          row("POST", API + "/projects/{project}/plans", NO_STATEMENT, OPERATOR, 422, 404),
          row("GET", API + "/statements", VIEWER, 200, 200),
          row("GET", API + "/statements/{name}", VIEWER, 404, 404),
          row("PUT", API + "/statements/{name}", "{}", ADMIN, 400, 403),
          row("DELETE", API + "/statements/{name}", ADMIN, 404, 403),
          row("GET", API + "/retention/{name}", VIEWER, 404, 404),
          row("PUT", API + "/retention/{name}", "{}", AUTHOR, 400, 400),
          row("DELETE", API + "/retention/{name}", AUTHOR, 404, 404),
          row("GET", API + "/schedules", VIEWER, 200, 200),
          row("GET", API + "/schedules/{name}", VIEWER, 404, 404),
          row("PUT", API + "/schedules/{name}", "{}", AUTHOR, 400, 400),
          row("DELETE", API + "/schedules/{name}", AUTHOR, 404, 404),
          row("POST", API + "/schedules/{name}/pause", OPERATOR, 404, 404),
          row("POST", API + "/schedules/{name}/resume", OPERATOR, 404, 404),
          row("POST", API + "/schedules/{name}/approve", "{}", AUTHOR, 400, 400),
          row("POST", API + "/schedules/{name}/run", OPERATOR, 404, 404),
          row("POST", API + "/schedules/{name}/preview", "{}", AUTHOR, 200, 200),
          row("GET", API + "/schedules/{name}/next", VIEWER, 404, 404),
          row("GET", API + "/schedules/{name}/runs", VIEWER, 404, 404),
          row("POST", API + "/uploads", AUTHOR, 400, 400),
          row("GET", API + "/uploads", AUTHOR, 200, 200),
          row("GET", API + "/uploads/{id}", AUTHOR, 404, 404),
          row("GET", API + "/uploads/{id}/errors", AUTHOR, 404, 404),
          row("DELETE", API + "/uploads/{id}", AUTHOR, 404, 404),
          row("GET", API + "/audit", ADMIN, 200, 403),
          row("GET", API + "/audit/verify", ADMIN, 200, 403),
          row("GET", API + "/session", VIEWER, 200, 200),
          row("POST", API + "/session", "{}", null, 400, 400),
          row("DELETE", API + "/session", VIEWER, 204, 204),
          row(
              "POST",
              "/mcp",
              "{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"ping\"}",
              AGENT,
              200,
              200),
          // Paths outside the contract.
          row("GET", API + "/no-such-thing", VIEWER, 404, 404),
          row("GET", "/q/metrics", VIEWER, 200, 403));

  /** Lists the public paths. */
  private static final List<String> PUBLIC =
      List.of(
          "/", "/q/health", "/q/health/live", "/q/health/ready", "/q/openapi", "/q/swagger-ui/");

  private static Row row(String method, String path, @Nullable Role needed, int may, int other) {
    return row(method, path, null, needed, may, other);
  }

  private static Row row(
      String method,
      String path,
      @Nullable String body,
      @Nullable Role needed,
      int may,
      int other) {
    return new Row(method, path, body, needed, may, other);
  }

  private final RowmillApi api = RowmillApi.behindProxy();

  @Inject TestTokens testTokens;
  @Inject Batches batches;
  @Inject Tokens tokens;

  private final Map<Column, String> shown = new HashMap<>();
  private long batch;

  static Stream<Arguments> cells() {
    return TABLE.stream()
        .flatMap(row -> Stream.of(Column.values()).map(column -> Arguments.of(row, column)));
  }

  @ParameterizedTest
  @MethodSource("cells")
  void each_caller_gets_the_status_of_the_table(Row row, Column column) {
    prepare();
    String path =
        row.path
            .replace("{project}", PROJECT)
            .replace("{name}", "no-such")
            .replace("{plan}", "no-such")
            .replace("{id}", row.path.contains("/tokens/") ? lastAdmin() : String.valueOf(batch));
    RowmillApi.Request request = api.as(shown.get(column)).request();
    if (row.body != null) {
      request.json(row.body);
    }
    Reply reply = request.send(row.method, path);
    assertEquals(row.status(column), reply.status(), reply::text);
    if (reply.status() >= 400) {
      assertEquals("application/problem+json", reply.header("Content-Type").orElse(""));
    }
    if (reply.status() == 401) {
      String challenge = reply.header("WWW-Authenticate").orElse("");
      assertTrue(challenge.startsWith("Bearer realm=\"rowmill\""), challenge);
      assertEquals(column != Column.NO_TOKEN, challenge.contains("error=\"invalid_token\""));
    } else if (reply.status() == 403) {
      assertEquals("forbidden", reply.problem());
      // The required role depends on the request, so a higher role may be required next.
      String named = reply.body().path("role").asText().replaceFirst(" .*", "");
      assertTrue(row.needed.includes(Role.of(named).orElseThrow()), reply::text);
    }
  }

  @Test
  void public_paths_need_no_token() {
    for (String path : PUBLIC) {
      assertEquals(200, api.request().send("GET", path).status(), path);
    }
  }

  @Test
  void each_operation_of_the_document_is_in_the_table() {
    Set<String> missing = new TreeSet<>();
    JsonNode paths = api.get("/q/openapi?format=json").body().path("paths");
    paths
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .fieldNames()
                    .forEachRemaining(
                        method ->
                            missing.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
    assertTrue(missing.size() > 20, missing::toString);
    missing.removeAll(rows());
    assertEquals(Set.of(), missing);
  }

  @Test
  void each_method_of_a_resource_is_in_the_table() {
    Set<String> missing = new TreeSet<>();
    for (JavaClass type :
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.rowmill")) {
      for (JavaMethod method : type.getMethods()) {
        for (Class<? extends Annotation> verb :
            List.of(GET.class, POST.class, PUT.class, PATCH.class, DELETE.class)) {
          if (method.isAnnotatedWith(verb)) {
            String path =
                type.tryGetAnnotationOfType(Path.class).map(Path::value).orElse("")
                    + method.tryGetAnnotationOfType(Path.class).map(Path::value).orElse("");
            missing.add(verb.getSimpleName() + " " + path);
          }
        }
      }
    }
    assertTrue(missing.size() > 20, missing::toString);
    missing.removeAll(rows());
    assertEquals(Set.of(), missing);
  }

  private static Set<String> rows() {
    return TABLE.stream().map(row -> row.method + " " + row.path).collect(Collectors.toSet());
  }

  private void prepare() {
    if (!shown.isEmpty()) {
      return;
    }
    Tokens.Made expired = testTokens.made(ADMIN, Duration.ofMillis(1), "*");
    Tokens.Made revoked = testTokens.made(ADMIN, null, "*");
    tokens.revoke(revoked.token().id());
    shown.put(Column.BAD, "rwm_" + "A".repeat(43));
    shown.put(Column.EXPIRED, expired.secret());
    shown.put(Column.REVOKED, revoked.secret());
    for (Column column : List.of(Column.VIEWER, Column.AGENT, Column.OPERATOR, Column.AUTHOR)) {
      shown.put(column, testTokens.token(column.role(), "*"));
    }
    shown.put(Column.OTHER_PROJECT, testTokens.token(AUTHOR, "other-*", "rol", "ROLES"));
    // The only admin, which therefore can't be revoked.
    List<Long> admins = new ArrayList<>();
    for (AccessToken token : tokens.list(null, 500)) {
      if (token.role() == ADMIN && token.revokedAt() == null) {
        admins.add(token.id());
      }
    }
    Tokens.Made admin = testTokens.made(ADMIN, null, "*");
    admins.forEach(tokens::revoke);
    shown.put(Column.ADMIN, admin.secret());
    CallTask.put(PROJECT, context -> {});
    batch = batches.ended(batches.start(Batches.request(PROJECT, "call", "call", PROJECT))).id();
  }

  private String lastAdmin() {
    return tokens.list(null, 500).stream()
        .filter(token -> token.role() == ADMIN && token.revokedAt() == null)
        .filter(token -> token.expiresAt() == null)
        .map(token -> String.valueOf(token.id()))
        .findFirst()
        .orElseThrow();
  }
}
