package dev.rowmill.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchWork;
import dev.rowmill.batch.Bounds;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.OnError;
import dev.rowmill.batch.Predecessors;
import dev.rowmill.batch.Safeguards;
import dev.rowmill.batch.Submission;
import dev.rowmill.batch.ThrottleLimits;
import dev.rowmill.batch.UndoPolicy;
import dev.rowmill.dispatch.OnBusy;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.rest.batch.StartBody;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.RequestHash;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StartBodyTest {

  private static final BatchSpec DEFAULTS =
      new BatchSpec(
          "p",
          BatchWork.sql(null, null, "{}"),
          Mode.PARALLEL,
          new BatchSettings(null, 50, 1, ThrottleLimits.NONE),
          Safeguards.NONE,
          Submission.NONE);

  @Test
  void a_full_body_is_read() {
    StartRequest request =
        read(
            """
            {"sql": "UPDATE t SET a = :a", "parameters": {"a": 1.50, "n": 18446744073709551615},
             "mode": "serial", "onBusy": "queue", "chunk": {"rows": 100000}, "reason": "价格 😀"}
            """);
    BatchSpec spec = request.spec();
    assertEquals("p", spec.project());
    assertEquals("UPDATE t SET a = :a", spec.work().sql());
    assertNull(spec.work().task());
    assertEquals("{\"a\":1.50,\"n\":18446744073709551615}", spec.work().parameters());
    assertEquals(Mode.SERIAL, spec.mode());
    assertEquals(OnBusy.QUEUE, request.onBusy());
    assertEquals(100_000, spec.settings().chunkRows());
    assertEquals("价格 😀", spec.submission().reason());
  }

  @Test
  void settings_are_read() {
    BatchSettings settings =
        read("""
                {"sql": "x", "chunk": {"targetMillis": 20}, "lanes": 4,
                 "limits": {"nice": 0.5, "rowsPerSecond": 1000, "ignoreThrottle": true}}
                """)
            .spec()
            .settings();
    assertNull(settings.chunkRows());
    assertEquals(20, settings.targetMillis());
    assertEquals(4, settings.lanes());
    assertEquals(
        "{\"rowsPerSecond\":1000,\"nice\":0.5,\"ignoreThrottle\":true}",
        settings.limits().toJson());
  }

  @Test
  void automatic_lanes_are_a_text() {
    assertTrue(read("{\"sql\": \"x\", \"lanes\": \"auto\"}").spec().settings().hasAutomaticLanes());
  }

  @Test
  void missing_and_null_members_use_the_configuration() {
    StartRequest request =
        read(
            "{\"task\":\"t\",\"sql\":null,\"mode\":null,\"chunk\":{\"rows\":null},\"reason\":null}");
    BatchSpec spec = request.spec();
    assertEquals("t", spec.work().task());
    assertEquals(DEFAULTS.mode(), spec.mode());
    assertNull(spec.settings().chunkRows());
    assertEquals(OnBusy.REJECT, request.onBusy());
    assertEquals("{}", spec.work().parameters());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{} | sql:one-of-sql-and-task",
        "{\"sql\":\"x\",\"task\":\"y\"} | task:one-of-sql-and-task",
        "{\"sql\":5} | sql:not-a-text",
        "{\"sql\":true} | sql:not-a-text",
        "{\"sql\":\"  \"} | sql:blank",
        "{\"task\":\"\"} | task:blank",
        "{\"sql\":[\"x\"]} | sql:not-a-text",
        "{\"sql\":\"x\",\"plan\":\"y\"} | plan:unknown-member",
        "{\"sql\":\"x\",\"undo\":\"true\"} | undo:not-a-boolean",
        "{\"sql\":\"x\",\"lanes\":0} | lanes:out-of-range",
        "{\"sql\":\"x\",\"lanes\":17} | lanes:out-of-range",
        "{\"sql\":\"x\",\"lanes\":\"2\"} | lanes:not-a-whole-number-or",
        "{\"sql\":\"x\",\"limits\":[]} | limits:not-an-object",
        "{\"sql\":\"x\",\"check\":\" \"} | check:blank",
        "{\"task\":\"x\",\"check\":\"SELECT 1\"} | check:not-with-task",
        "{\"sql\":\"x\",\"canaryChunks\":3} | canaryChunks:only-with-check",
        "{\"sql\":\"x\",\"check\":\"y\",\"canaryChunks\":0} | canaryChunks:out-of-range",
        "{\"sql\":\"x\",\"limits\":{\"lag\":1}} | limits.lag:unknown-member",
        "{\"sql\":\"x\",\"limits\":{\"nice\":-0.1}} | limits.nice:out-of-range",
        "{\"sql\":\"x\",\"limits\":{\"nice\":\"1\"}} | limits.nice:not-a-number",
        "{\"sql\":\"x\",\"limits\":{\"rowsPerSecond\":1.5}} | limits.rowsPerSecond:not-a-whole-number",
        "{\"sql\":\"x\",\"limits\":{\"ignoreThrottle\":1}} | limits.ignoreThrottle:not-a-boolean",
        "{\"sql\":\"x\",\"walk\":\"\"} | walk:blank",
        "{\"sql\":\"x\",\"walk\":1} | walk:not-a-text",
        "{\"task\":\"x\",\"walk\":\"y\"} | walk:not-with-task",
        "{\"sql\":\"x\",\"SQL\":\"x\"} | SQL:unknown-member",
        "{\"sql\":\"x\",\"mode\":\"PARALLEL\"} | mode:not-one-of",
        "{\"sql\":\"x\",\"mode\":1} | mode:not-a-text",
        "{\"sql\":\"x\",\"onBusy\":\"wait\"} | onBusy:not-one-of",
        "{\"sql\":\"x\",\"chunk\":5} | chunk:not-an-object",
        "{\"sql\":\"x\",\"chunk\":[]} | chunk:not-an-object",
        "{\"sql\":\"x\",\"chunk\":{\"rows\":\"1000\"}} | chunk.rows:not-a-whole-number",
        "{\"sql\":\"x\",\"chunk\":{\"rows\":1000.5}} | chunk.rows:not-a-whole-number",
        "{\"sql\":\"x\",\"chunk\":{\"rows\":1e3}} | chunk.rows:not-a-whole-number",
        "{\"sql\":\"x\",\"chunk\":{\"rows\":true}} | chunk.rows:not-a-whole-number",
        "{\"sql\":\"x\",\"chunk\":{\"rows\":9}} | chunk.rows:out-of-range",
        "{\"sql\":\"x\",\"chunk\":{\"rows\":100001}} | chunk.rows:out-of-range",
        "{\"sql\":\"x\",\"chunk\":{\"rows\":99999999999999999999}} | chunk.rows:out-of-range",
        "{\"sql\":\"x\",\"chunk\":{\"targetMillis\":0}} | chunk.targetMillis:out-of-range",
        "{\"sql\":\"x\",\"chunk\":{\"millis\":5}} | chunk.millis:unknown-member",
        "{\"sql\":\"x\",\"parameters\":[]} | parameters:not-an-object",
        "{\"sql\":\"x\",\"parameters\":\"{}\"} | parameters:not-an-object",
        "{\"sql\":\"x\",\"parameters\":{\"a\":1e9999}} | parameters.a:number-too-long",
        "{\"sql\":\"x\",\"parameters\":{\"a\":[1,-1e-9999]}} | parameters.a[1]:number-too-long",
        "{\"sql\":\"\\ud800\"} | sql:not-unicode",
        "{\"sql\":\"x\",\"parameters\":{\"\\udc00\":1}} | parameters.?:not-unicode",
        "[] | :not-an-object",
        "\"sql\" | :not-an-object",
        "5 | :not-an-object",
        "null | :not-an-object",
        "{\"sql\":\"x\"}{} | :trailing-content",
        "{\"sql\":\"x\"} 1 | :trailing-content",
        "{\"sql\":\"x\"}} | :malformed-json",
        "{\"sql\":\"x\" | :malformed-json",
        "{'sql':\"x\"} | :malformed-json",
        "{sql:\"x\"} | :malformed-json",
        "{\"sql\":\"x\",} | :malformed-json",
        "{\"sql\":\"x\"/**/} | :malformed-json",
        "{\"sql\":NaN} | :malformed-json",
        "{\"sql\":\"x\",\"sql\":\"x\"} | :malformed-json",
        "{\"sql\":\"x\",\"parameters\":{\"a\":1,\"a\":1}} | :malformed-json",
        "{\"sql\":\"x\",\"parameters\":{\"a\":01}} | :malformed-json",
      })
  void an_invalid_body_is_reported_by_field(String body, String violation) {
    assertEquals(List.of(violation), violations(body));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\n\t "})
  void an_empty_body_is_missing(String body) {
    assertEquals(List.of(":missing-body"), violations(body));
  }

  @Test
  void no_body_is_missing() {
    assertThrows(InvalidRequestException.class, () -> StartBody.read(JsonBody.of(null)));
  }

  @Test
  void all_violations_are_reported_at_once() {
    assertEquals(
        List.of("plan:unknown-member", "sql:not-a-text", "chunk.rows:out-of-range"),
        violations("{\"plan\":1,\"sql\":1,\"chunk\":{\"rows\":1}}"));
  }

  @Test
  void a_reason_is_1000_characters_at_most() {
    assertEquals(
        "😀".repeat(1000), read(withReason("😀".repeat(1000))).spec().submission().reason());
    assertEquals(List.of("reason:too-long"), violations(withReason("x".repeat(1001))));
  }

  @Test
  void extreme_depth_and_length_are_rejected() {
    String deep = "{\"parameters\":" + "[".repeat(100_000) + "}";
    assertEquals(List.of(":too-complex"), violations(deep));
    assertEquals(
        List.of(":too-complex"), violations("{\"parameters\":{\"a\":" + "9".repeat(2000) + "}}"));
    assertEquals(List.of(":too-complex"), violations("{\"" + "x".repeat(100_000) + "\":1}"));
    assertEquals(
        List.of("parameters.a:number-too-long"),
        violations("{\"sql\":\"x\",\"parameters\":{\"a\":" + "9".repeat(900) + "}}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e999999999", "1e-999999999", "1e99999999999999", "-1E+2147483648"})
  void a_number_with_a_huge_exponent_is_rejected(String number) {
    assertThrows(
        InvalidRequestException.class,
        () -> read("{\"sql\":\"x\",\"parameters\":{\"a\":" + number + "}}"));
  }

  @Test
  void invalid_utf_8_is_rejected() {
    byte[] latin1 = "{\"sql\":\"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);
    assertThrows(InvalidRequestException.class, () -> StartBody.read(JsonBody.of(latin1)));
  }

  @Test
  void the_hash_ignores_the_order_of_members() {
    String hash =
        read("{\"sql\":\"x\",\"parameters\":{\"a\":[1,2],\"b\":{\"c\":1,\"d\":2}}}").requestHash();
    assertEquals(64, hash.length());
    assertEquals(
        hash,
        read("{ \"parameters\":{\"b\":{\"d\":2,\"c\":1},\"a\":[1,2]}, \"sql\":\"\\u0078\"}")
            .requestHash());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"sql\":\"y\",\"parameters\":{\"a\":1}}",
        "{\"task\":\"x\",\"parameters\":{\"a\":1}}",
        "{\"sql\":\"x\",\"parameters\":{\"a\":2}}",
        "{\"sql\":\"x\",\"parameters\":{\"a\":\"1\"}}",
        "{\"sql\":\"x\",\"parameters\":{\"a\":1.0}}",
        "{\"sql\":\"x\",\"parameters\":{\"a\":[1]}}",
        "{\"sql\":\"x\",\"parameters\":{\"a\":1},\"mode\":\"serial\"}"
      })
  void other_requests_have_other_hashes(String other) {
    String body = "{\"sql\":\"x\",\"parameters\":{\"a\":1}}";
    assertNotEquals(read(body).requestHash(), read(other).requestHash());
  }

  @Test
  void other_projects_have_other_hashes() {
    byte[] body = "{\"sql\":\"x\"}".getBytes(StandardCharsets.UTF_8);
    ObjectNode node = JsonBody.of(body).node();
    assertNotEquals(RequestHash.of("a", node), RequestHash.of("b", node));
  }

  @Test
  void members_are_put_over_those_of_a_plan() {
    StartRequest plan =
        read(
            """
            {"sql": "x", "parameters": {"a": 1}, "walk": "t", "check": "SELECT 1", "canaryChunks": 5,
             "mode": "serial", "onBusy": "queue", "undo": true, "reason": "old", "lanes": 2,
             "chunk": {"rows": 100}, "limits": {"nice": 1, "rowsPerSecond": 5}, "maxRows": 7,
             "maxDurationMillis": 8, "wholeTable": true, "onError": {"mode": "skip"}}
            """);
    assertEquals(OnError.skip(1000), plan.spec().safeguards().onError());
    assertEquals(plan, over("{\"plan\": \"id\"}", plan));
    StartRequest changed =
        over(
            """
            {"plan": "id", "check": "SELECT 2", "mode": "parallel", "onBusy": "reject",
             "undo": false, "reason": "new", "chunk": {"targetMillis": 9}, "limits": {"nice": 2},
             "maxRows": 6, "wholeTable": false, "ignore": true,
             "onError": {"mode": "skip", "maxSkipped": "0.5%"}}
            """,
            plan);
    BatchSpec spec = changed.spec();
    assertEquals(plan.spec().work(), spec.work());
    assertEquals(Mode.PARALLEL, spec.mode());
    assertEquals(OnBusy.REJECT, changed.onBusy());
    assertEquals("new", spec.submission().reason());
    assertEquals(
        new BatchSettings(null, 9, 2, ThrottleLimits.fromJson("{\"nice\": 2}")), spec.settings());
    assertEquals(
        new Safeguards(
            UndoPolicy.NO,
            "SELECT 2",
            5,
            false,
            true,
            new Bounds(6L, 8L, null),
            OnError.skipPercent(new BigDecimal("0.5"))),
        spec.safeguards());
  }

  @Test
  void a_plan_that_skips_rows_can_be_started_without() {
    StartRequest plan = read("{\"sql\": \"x\", \"onError\": {\"mode\": \"skip\"}}");
    assertTrue(plan.spec().safeguards().skipsRows());
    StartRequest changed = over("{\"plan\": \"id\", \"onError\": {\"mode\": \"fail\"}}", plan);
    assertFalse(changed.spec().safeguards().skipsRows());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"mode\": \"skip\", \"maxSkipped\": 0}",
        "{\"mode\": \"skip\", \"maxSkipped\": 1000001}",
        "{\"mode\": \"skip\", \"maxSkipped\": 1.5}",
        "{\"mode\": \"skip\", \"maxSkipped\": \"0%\"}",
        "{\"mode\": \"skip\", \"maxSkipped\": \"101%\"}",
        "{\"mode\": \"skip\", \"maxSkipped\": \"7\"}",
        "{\"mode\": \"skip\", \"maxSkipped\": true}",
        "{\"mode\": \"fail\", \"maxSkipped\": 5}",
        "{\"mode\": \"ignore\"}",
        "{\"maxSkipped\": 5}",
        "{}",
        "\"skip\"",
        "{\"mode\": \"skip\", \"more\": 1}"
      })
  void an_invalid_rule_about_errors_is_rejected(String onError) {
    InvalidRequestException invalid =
        assertThrows(
            InvalidRequestException.class,
            () -> read("{\"sql\": \"x\", \"onError\": " + onError + "}"));
    assertTrue(invalid.violations().get(0).field().startsWith("onError"), invalid::getMessage);
  }

  @Test
  void a_check_runs_after_three_chunks_by_default() {
    StartRequest plan = read("{\"sql\": \"x\"}");
    assertEquals(0, plan.spec().safeguards().canaryChunks());
    StartRequest checked = over("{\"plan\": \"id\", \"check\": \"SELECT 1\"}", plan);
    assertEquals(3, checked.spec().safeguards().canaryChunks());
  }

  @ParameterizedTest
  @ValueSource(strings = {"check", "walk"})
  void a_plan_of_a_task_has_none_of_a_statement(String member) {
    StartRequest plan = read("{\"task\": \"x\"}");
    InvalidRequestException invalid =
        assertThrows(
            InvalidRequestException.class,
            () -> over("{\"plan\": \"id\", \"%s\": \"y\"}".formatted(member), plan));
    assertEquals(member, invalid.violations().get(0).field());
  }

  private static StartRequest over(String body, StartRequest plan) {
    return StartBody.PlannedBody.read(JsonBody.of(body.getBytes(StandardCharsets.UTF_8)))
        .start()
        .over(plan);
  }

  private static String withReason(String reason) {
    return "{\"sql\":\"x\",\"reason\":\"" + reason + "\"}";
  }

  private static StartRequest read(String body) {
    JsonBody read = JsonBody.of(body.getBytes(StandardCharsets.UTF_8));
    return StartBody.read(read)
        .over(
            new StartRequest(
                DEFAULTS,
                OnBusy.REJECT,
                Predecessors.NONE,
                null,
                RequestHash.of("p", read.node())));
  }

  private static List<String> violations(String body) {
    return assertThrows(InvalidRequestException.class, () -> read(body)).violations().stream()
        .map(violation -> violation.field() + ":" + violation.reason().code())
        .toList();
  }
}
