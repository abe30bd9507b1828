package dev.rowmill.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.rowmill.dispatch.OnBusy;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.dispatch.statement.ParameterRule;
import dev.rowmill.dispatch.statement.ParameterType;
import dev.rowmill.dispatch.statement.SavedStatement;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StoredJsonTest {

  private static final Bounds BOUNDS =
      new Bounds(5L, 6L, Window.parse("22:00-05:00 Europe/Berlin mon"));

  @Test
  void a_request_is_read_as_it_was_stored() {
    var request =
        new StartRequest(
            new BatchSpec(
                "p",
                new BatchWork(
                    BatchKind.SQL, null, "DELETE FROM t", "t", "{\"a\":1.50}", null, null),
                Mode.SERIAL,
                new BatchSettings(
                    10, 20, 3, new ThrottleLimits(0, null, null, null, null, null, 5, 0.5, false)),
                new Safeguards(
                    UndoPolicy.YES,
                    "SELECT 1",
                    7,
                    true,
                    true,
                    BOUNDS,
                    OnError.skipPercent(new BigDecimal("0.50"))),
                new Submission(
                    "alice",
                    Set.of("carol", "dave"),
                    "because",
                    "prune",
                    Set.of("a", "b"),
                    new Labels(Map.of("ticket", "OPS-7")),
                    "nightly",
                    Instant.parse("2027-01-31T01:00:00.5Z"))),
            OnBusy.QUEUE,
            new Predecessors(List.of(Condition.open(41, ExpectedEnd.FAILED)), true),
            null,
            "");
    assertEquals(request, StoredJson.read(StoredJson.write(request), StartRequest.class));
  }

  @Test
  void the_usual_safeguards_are_short() {
    assertEquals(
        "{\"keep\":\"IF_POSSIBLE\",\"canaryChunks\":0,\"wholeTable\":false,\"ignore\":false,"
            + "\"bounds\":{}}",
        StoredJson.write(Safeguards.of(UndoPolicy.IF_POSSIBLE)));
  }

  @Test
  void a_saved_statement_is_read_as_it_was_stored() {
    var json = JsonNodeFactory.withExactBigDecimals(true);
    Map<String, ParameterRule> rules = new LinkedHashMap<>();
    rules.put(
        "z",
        new ParameterRule(
            ParameterType.DECIMAL,
            true,
            json.numberNode(new BigDecimal("0.50")),
            json.numberNode(2),
            null,
            List.of(json.numberNode(1)),
            false,
            json.arrayNode().add(1),
            false));
    rules.put(
        "a",
        new ParameterRule(ParameterType.TEXT, false, null, null, 9, List.of(), true, null, true));
    var statement =
        new SavedStatement(
            "DELETE FROM t", null, rules, new ProjectPatterns(List.of("a*")), BOUNDS, true);
    String stored = StoredJson.write(statement);
    assertEquals(statement, StoredJson.read(stored, SavedStatement.class));
    assertEquals(
        "{\"z\":{\"type\":\"decimal\",\"list\":true,\"minimum\":0.50,\"maximum\":2,"
            + "\"allowed\":[1],\"default\":[1]},"
            + "\"a\":{\"type\":\"text\",\"maxLength\":9,\"nullable\":true,\"secret\":true}}",
        StoredJson.write(statement.parameters()));
  }

  @Test
  void members_of_a_newer_version_are_ignored() {
    assertEquals(Bounds.NONE, StoredJson.read("{\"later\": 1}", Bounds.class));
  }

  @Test
  void an_error_does_not_quote_the_json() {
    String message =
        assertThrows(
                IllegalStateException.class,
                () -> StoredJson.read("{\"maxRows\": \"rosebud\"}", Bounds.class))
            .getMessage();
    assertFalse(message.contains("{"), message);
  }
}
