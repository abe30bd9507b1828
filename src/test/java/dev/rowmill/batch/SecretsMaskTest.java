package dev.rowmill.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.task.Refusal;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.NumericChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretsMaskTest {

  private static SecretValues secrets(String value) {
    return SecretValues.of(parameters().put("s", value), Set.of("s"));
  }

  private static ObjectNode parameters() {
    return JsonNodeFactory.instance.objectNode();
  }

  @Property(tries = 300)
  void no_text_contains_a_secret(
      @ForAll String before,
      @ForAll @AlphaChars @NumericChars @StringLength(min = 3, max = 40) String secret,
      @ForAll String after) {
    SecretValues secrets = secrets(secret);
    assertFalse(secrets.text(before + secret + after).contains(secret));
    assertFalse(secrets.message("at '" + before + secret + after + "' row").contains(secret));
  }

  @Test
  void quoted_text_is_removed_from_messages() {
    assertEquals(
        "Duplicate entry '******'",
        secrets("it's x").message("Duplicate entry 'it's' for key 't.note'"));
    assertEquals("Column 'n' can't be null", SecretValues.NONE.message("Column 'n' can't be null"));
    assertEquals("no quotes, ******", secrets("abc").message("no quotes, abc"));
  }

  @Test
  void values_are_compared_by_type() {
    SecretValues secrets =
        SecretValues.of(
            parameters().put("n", new BigDecimal("5.00")).put("s", "abc").put("short", "x"),
            Set.of("n", "s", "short"));
    assertEquals(SecretValues.MASK, secrets.value(new BigDecimal("5")));
    assertEquals(new BigDecimal("50"), secrets.value(new BigDecimal("50")));
    assertEquals(SecretValues.MASK, secrets.value("x"));
    assertEquals("xy", secrets.value("xy"));
    assertEquals(SecretValues.MASK, secrets.value("616263"));
    assertEquals(SecretValues.MASK, secrets.value("ab…"));
    assertEquals(Map.of("a", List.of("1 ******")), secrets.value(Map.of("a", List.of("1 abc"))));
    assertEquals(5, SecretValues.NONE.value(5));
  }

  @Test
  void values_in_lists_are_found() {
    ObjectNode parameters = parameters();
    parameters.putArray("s").add("abc").add(77);
    SecretValues secrets = SecretValues.of(parameters, Set.of("s"));
    assertEquals("******, 77", secrets.text("abc, 77"), "too short to be searched in a text");
    assertEquals(SecretValues.MASK, secrets.value(77));
    assertEquals("{\"s\":\"******\"}", SecretValues.masked(parameters.toString(), Set.of("s")));
  }

  @Test
  void errors_are_rethrown_without_secrets() {
    SecretValues secrets = secrets("abc");
    var sql = new SQLException("Incorrect value: 'abc'", "HY000", 1366);
    Throwable error =
        assertThrows(
            IllegalStateException.class,
            () ->
                secrets.guard(
                    () -> {
                      throw new IllegalArgumentException(sql);
                    }));
    assertEquals("Incorrect value: '******'", error.getMessage());
    assertEquals(null, error.getCause());
    Refusal refusal =
        assertThrows(
            Refusal.class,
            () ->
                secrets.guard(
                    () -> {
                      throw new Refusal(
                          "no",
                          Map.of("message", "'abc'", "table", "abc"),
                          List.of(Refusal.Reason.of("server-refused", "message", "near 'abc'")));
                    }));
    assertFalse(refusal.toString().contains("abc"), refusal.toString());
  }

  private static SecretValues json(String parameter) throws JsonProcessingException {
    return SecretValues.of(
        (ObjectNode) new ObjectMapper().readTree("{\"s\": " + parameter + "}"), Set.of("s"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"datetime\": \"2026-03-01T23:15:00Z\"}|2026-03-01T23:15:00Z|at ****** o",
        "{\"datetime\": \"2026-03-01T23:15:00Z\"}|2026-03-02 04:45:00.000000|at ****** o",
        "{\"datetime\": \"2026-03-01T23:15:00Z\"}|2026-03-01 18:15:00|at ****** o",
        "{\"datetime\": \"2026-03-01T23:15:00Z\"}|2026-03-04 18:15:00|at 2026-03-04 18:15:00 o",
        "\"2026-03-01T23:15:00+05:30\"|2026-03-01 17:45:00|at ****** o",
        "{\"datetime\": \"2026-03-01T10:15\"}|2026-03-01 10:15:00.000000|at ****** o",
        "{\"datetime\": \"2026-03-01T10:15\"}|2026-03-01 11:15:00.000000|at 2026-03-01 11:15:00.000000 o",
        "[{\"date\": \"2026-03-01\"}]|2026-03-01|at ****** o",
        "{\"decimal\": \"1234.50\"}|1234.5000|at ******00 o",
        "{\"json\": {\"pin\": [\"hush\", 4711, {\"a\": \"q\\\"z\"}]}}|hush|at ****** o",
        "{\"json\": {\"pin\": [\"hush\", 4711, {\"a\": \"q\\\"z\"}]}}|{\"a\": \"q\\\"z\"}|at ****** o",
        "{\"json\": {\"pin\": [\"hush\", 4711, {\"a\": \"q\\\"z\"}]}}|{\"pin\": [\"hush\", 4711, {\"a\": \"q\\\"z\"}]}|at ****** o",
        "{\"json\": {\"pin\": [\"hush\", 4711, {\"a\": \"q\\\"z\"}]}}|4711|at ****** o",
        "{\"base64\": \"aHVzaA==\"}|68757368|at ****** o",
        "{\"base64\": \"aHVzaA==\"}|hush|at ****** o",
        "{\"base64\": \"aHVzaA==\"}|aHVzaA==|at ****** o",
        "\"it \\\"is\\\"\"|it \\\"is\\\"|at ****** o",
      })
  void typed_values_are_found_in_the_forms_that_servers_show(
      String parameter, String shown, String masked) throws JsonProcessingException {
    assertEquals(masked, json(parameter).text("at " + shown + " o"));
  }

  @Test
  void a_boolean_is_removed_from_a_statement() throws JsonProcessingException {
    String sql = "UPDATE t SET a = TRUE, b = FALSE, c = 'TRUEST'";
    for (String value : List.of("true", "[false]")) {
      assertFalse(json(value).isEmpty());
      assertEquals("UPDATE t SET a = ******, b = ******, c = 'TRUEST'", json(value).statement(sql));
    }
    assertEquals(sql, secrets("abc").statement(sql));
  }

  @Test
  void no_number_is_rounded_when_others_are_masked() {
    String stored = "{\"n\":12345678901234567890.1234567890,\"s\":\"x\"}";
    assertEquals(
        "{\"n\":12345678901234567890.1234567890,\"s\":\"******\"}",
        SecretValues.masked(stored, Set.of("s")));
  }
}
