package dev.rowmill.batch.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.batch.BatchFilter;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.Page;
import dev.rowmill.batch.ProjectPatterns;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.security.Role;
import dev.rowmill.security.Tokens;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.CallTask;
import dev.rowmill.testing.EventReader;
import dev.rowmill.testing.GateTask;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.TestTokens;
import dev.rowmill.testing.TokenProfile;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests that projects outside a token's patterns are invisible everywhere. */
@QuarkusTest
@TestProfile(TokenProfile.class)
class VisibleProjectsTest {

  private static final URI EVENTS = RowmillApi.localUri("/api/v1/events");

  private final RowmillApi api = RowmillApi.behindProxy();

  @Inject TestTokens testTokens;
  @Inject Tokens tokens;
  @Inject Batches batches;
  @Inject BatchHistory history;

  private final String mine = Batches.newProject() + "-mine";
  private final String other = Batches.newProject() + "-other";
  private String token = "";

  @BeforeEach
  void restrict_token_to_one_project() {
    token = testTokens.token(Role.OPERATOR, mine);
  }

  @AfterEach
  void check_leftovers() {
    GateTask.open(mine);
    GateTask.open(other);
    batches.leaveNothingBehind();
  }

  @Test
  void pages_contain_exactly_the_visible_batches() {
    List<String> projects =
        List.of("seen.a", "seen.b", "seen_c", "seenXc", "Seen.a", "se", "seen", "nees");
    var random = new Random(7);
    for (int i = 0; i < 60; i++) {
      String project = projects.get((int) Math.sqrt(random.nextInt(64)));
      CallTask.put(
          project,
          context -> {
            if (random.nextInt(4) == 0) {
              throw new IllegalStateException("as it happens");
            }
          });
      StartRequest request = Batches.request(project, "call", "call", project);
      batches.ended(batches.start(i % 3 == 0 ? Batches.serial(request) : request));
    }
    List<ProjectPatterns> seen =
        Stream.of("seen.a", "seen.*", "seen_*", "*e*", "se|nees", "S*", "nothing", "*n|seen.b|se")
            .map(patterns -> new ProjectPatterns(List.of(patterns.split("\\|"))))
            .toList();
    List<BatchFilter> filters = new ArrayList<>();
    for (BatchStatus status :
        new BatchStatus[] {null, BatchStatus.SUCCEEDED, BatchStatus.FAILED, BatchStatus.WAITING}) {
      for (Mode mode : new Mode[] {null, Mode.SERIAL}) {
        filters.add(new BatchFilter(null, status, mode));
      }
    }
    filters.add(new BatchFilter("seen.a", null, null));
    for (BatchFilter filter : filters) {
      List<BatchView> all = history.list(filter, ProjectPatterns.ALL, null, 1000).items();
      for (ProjectPatterns patterns : seen) {
        List<Long> expected =
            all.stream()
                .filter(batch -> patterns.include(batch.project()))
                .map(BatchView::id)
                .toList();
        for (int limit : new int[] {3, 200}) {
          assertEquals(expected, pages(filter, patterns, limit), filter + " " + patterns);
        }
      }
    }
    for (ProjectPatterns patterns : seen) {
      assertEquals(
          history.projects(false, "", ProjectPatterns.ALL, null, 500).items().stream()
              .filter(it -> patterns.include(it.project()))
              .toList(),
          history.projects(false, "", patterns, null, 500).items());
    }
  }

  /** Reads all pages, none of which may be empty. */
  private List<Long> pages(BatchFilter filter, ProjectPatterns patterns, int limit) {
    List<Long> ids = new ArrayList<>();
    @Nullable Long before = null;
    do {
      Page<BatchView> page = history.list(filter, patterns, before, limit);
      assertTrue(page.next() == null || page.items().size() == limit, "a page with a gap");
      page.items().forEach(batch -> ids.add(batch.id()));
      before = page.next();
    } while (before != null);
    return ids;
  }

  @Test
  void batches_of_others_are_counted_and_not_named() {
    long own = running(Batches.request(mine, "gate", "gate", mine));
    long hidden = running(Batches.serial(Batches.request(other, "gate", "gate", other)));
    JsonNode pool = api.as(token).get("/api/v1/pool").body();
    assertEquals(2, pool.path("active").asInt());
    assertEquals(2, pool.path("threads").size());
    assertTrue(pool.path("serial").path("holder").isNull(), pool::toString);
    List<String> named = new ArrayList<>();
    pool.path("threads").forEach(it -> named.add(it.path("project").asText("null")));
    named.sort(null);
    assertEquals(List.of("null", mine), named);
    assertFalse(pool.toString().contains(other), pool::toString);

    JsonNode whole = api.as(testTokens.token(Role.VIEWER, "*")).get("/api/v1/pool").body();
    assertEquals(hidden, whole.path("serial").path("holder").asLong());
    assertEquals(1, api.as(token).get("/api/v1/projects?running=true").body().path("items").size());
    assertEquals(own, api.as(token).get("/api/v1/batches").body().at("/items/0/id").asLong());
    assertEquals(1, api.as(token).get("/api/v1/batches").body().path("items").size());
    assertEquals(
        0, api.as(token).get("/api/v1/batches?project=" + other).body().path("items").size());
    assertEquals(404, api.as(token).get("/api/v1/batches/" + hidden).status());
    assertEquals(404, api.as(token).post("/api/v1/batches/" + hidden + "/cancel").status());
  }

  @Test
  void a_start_key_of_another_project_reveals_nothing() {
    String key = "key-" + other;
    String body = "{\"task\": \"call\", \"parameters\": {\"call\": \"%s\"}}";
    CallTask.put(other, context -> {});
    CallTask.put(mine, context -> {});
    String all = testTokens.token(Role.OPERATOR, "*");
    assertEquals(
        202,
        api.as(all)
            .json(body.formatted(other))
            .header("Idempotency-Key", key)
            .post(path(other))
            .status());
    RowmillApi.Reply reply =
        api.as(token).json(body.formatted(other)).header("Idempotency-Key", key).post(path(mine));
    assertEquals("idempotency-mismatch", reply.problem());
    assertFalse(reply.text().contains(other), reply::text);
  }

  @Test
  void only_visible_batches_are_published_also_after_a_reconnect() {
    long hidden = running(Batches.request(other, "gate", "gate", other));
    String last;
    try (EventReader reader = EventReader.open(EVENTS, null, token)) {
      EventReader.Event snapshot = reader.next("snapshot");
      assertEquals(0, snapshot.data().path("items").size(), snapshot::toString);
      last = snapshot.id();
      long own = runGate(mine);
      EventReader.Event first = reader.next("status");
      assertEquals(own, first.data().path("id").asLong());
    }
    GateTask.open(other);
    batches.ended(history.find(hidden).orElseThrow());
    try (EventReader reader = EventReader.open(EVENTS, last, token)) {
      long next = runGate(mine);
      EventReader.Event event;
      do {
        event = reader.next("status");
        assertEquals(mine, event.data().path("project").asText());
      } while (event.data().path("id").asLong() != next || !event.status().equals("succeeded"));
    }
  }

  @Test
  void a_stream_ends_with_its_token_or_its_session() {
    Tokens.Made made = testTokens.made(Role.VIEWER, null, "*");
    try (EventReader reader = EventReader.open(EVENTS, null, made.secret())) {
      reader.next("snapshot");
      tokens.revoke(made.token().id());
      reader.awaitEnd();
    }
    assertEquals(401, EventReader.open(EVENTS, null, made.secret()).response().statusCode());
  }

  private long running(StartRequest request) {
    long id = batches.start(request).id();
    Awaitility.await()
        .pollInterval(Duration.ofMillis(10))
        .until(() -> history.find(id).orElseThrow().status() == BatchStatus.RUNNING);
    return id;
  }

  private long runGate(String project) {
    GateTask.open(project);
    BatchView batch = batches.start(Batches.request(project, "gate", "gate", project));
    return batches.ended(batch).id();
  }

  private static String path(String project) {
    return "/api/v1/projects/" + project + "/batches";
  }
}
