package dev.rowmill.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.rowmill.batch.Mode;
import dev.rowmill.batch.ThrottleLimits;
import dev.rowmill.dispatch.OnBusy;
import dev.rowmill.dispatch.SettingsChange;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.rest.batch.StartBody;
import dev.rowmill.rest.http.InvalidRequestException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StartBodyTest {

  @Test
  void a_full_body_is_read() {
    StartRequest request =
        read(
            """
            {"sql": "UPDATE t SET a = :a", "parameters": {"a": 1.50, "n": 18446744073709551615},
             "mode": "serial", "onBusy": "queue", "chunk": {"rows": 100000}, "reason": "价格 😀"}
            """);
    assertEquals("p", request.project());
    assertEquals("UPDATE t SET a = :a", request.sql());
    assertNull(request.task());
    assertEquals("{\"a\":1.50,\"n\":18446744073709551615}", request.parameters().toString());
    assertEquals(Mode.SERIAL, request.mode());
    assertEquals(OnBusy.QUEUE, request.onBusy());
    assertEquals(100_000, request.settings().chunkRows());
    assertEquals("价格 😀", request.reason());
  }

  @Test
  void settings_are_read() {
    SettingsChange settings =
        read("""
                {"sql": "x", "chunk": {"targetMillis": 20}, "lanes": 4,
                 "limits": {"nice": 0.5, "rowsPerSecond": 1000, "ignoreThrottle": true}}
                """)
            .settings();
    assertNull(settings.chunkRows());
    assertEquals(20, settings.targetMillis());
    assertEquals(4, settings.lanes());
    assertEquals(
        "{\"rowsPerSecond\":1000,\"nice\":0.5,\"ignoreThrottle\":true}",
        ThrottleLimits.NONE.with(settings.limits()).toJson());
  }

  @Test
  void missing_and_null_members_use_the_configuration() {
    StartRequest request =
        read(
            "{\"task\":\"t\",\"sql\":null,\"mode\":null,\"chunk\":{\"rows\":null},\"reason\":null}");
    assertEquals("t", request.task());
    assertNull(request.mode());
    assertNull(request.settings().chunkRows());
    assertEquals(OnBusy.REJECT, request.onBusy());
    assertEquals("{}", request.parameters().toString());
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
        "{\"sql\":\"x\",\"lanes\":\"2\"} | lanes:not-a-whole-number",
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
    assertThrows(InvalidRequestException.class, () -> StartBody.read("p", null, null));
  }

  @Test
  void all_violations_are_reported_at_once() {
    assertEquals(
        List.of("plan:unknown-member", "sql:not-a-text", "chunk.rows:out-of-range"),
        violations("{\"plan\":1,\"sql\":1,\"chunk\":{\"rows\":1}}"));
  }

  @Test
  void a_reason_is_1000_characters_at_most() {
    assertEquals("😀".repeat(1000), read(withReason("😀".repeat(1000))).reason());
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
    assertThrows(InvalidRequestException.class, () -> StartBody.read("p", latin1, null));
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
    assertNotEquals(
        StartBody.read("a", body, null).requestHash(),
        StartBody.read("b", body, null).requestHash());
  }

  private static String withReason(String reason) {
    return "{\"sql\":\"x\",\"reason\":\"" + reason + "\"}";
  }

  private static StartRequest read(String body) {
    return StartBody.read("p", body.getBytes(StandardCharsets.UTF_8), null);
  }

  private static List<String> violations(String body) {
    return assertThrows(InvalidRequestException.class, () -> read(body)).violations().stream()
        .map(violation -> violation.field() + ":" + violation.reason().code())
        .toList();
  }
}
