package dev.rowmill.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

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

class SecretsMaskTest {

  private static Secrets secrets(String value) {
    return Secrets.of(parameters().put("s", value), Set.of("s"));
  }

  private static ObjectNode parameters() {
    return JsonNodeFactory.instance.objectNode();
  }

  @Property(tries = 300)
  void no_text_holds_one_any_more(
      @ForAll String before,
      @ForAll @AlphaChars @NumericChars @StringLength(min = 3, max = 40) String secret,
      @ForAll String after) {
    Secrets secrets = secrets(secret);
    assertFalse(secrets.text(before + secret + after).contains(secret));
    assertFalse(secrets.message("at '" + before + secret + after + "' row").contains(secret));
  }

  @Test
  void messages_lose_all_that_is_quoted() {
    assertEquals(
        "Duplicate entry '******'",
        secrets("it's x").message("Duplicate entry 'it's' for key 't.note'"));
    assertEquals("Column 'n' can't be null", Secrets.NONE.message("Column 'n' can't be null"));
    assertEquals("no quotes, ******", secrets("abc").message("no quotes, abc"));
  }

  @Test
  void values_are_compared_as_what_they_are() {
    Secrets secrets =
        Secrets.of(
            parameters().put("n", new BigDecimal("5.00")).put("s", "abc").put("short", "x"),
            Set.of("n", "s", "short"));
    assertEquals(Secrets.MASK, secrets.value(new BigDecimal("5")));
    assertEquals(new BigDecimal("50"), secrets.value(new BigDecimal("50")));
    assertEquals(Secrets.MASK, secrets.value("x"));
    assertEquals("xy", secrets.value("xy"));
    assertEquals(Secrets.MASK, secrets.value("616263"));
    assertEquals(Secrets.MASK, secrets.value("ab…"));
    assertEquals(Map.of("a", List.of("1 ******")), secrets.value(Map.of("a", List.of("1 abc"))));
    assertEquals(5, Secrets.NONE.value(5));
  }

  @Test
  void those_in_lists_are_found() {
    ObjectNode parameters = parameters();
    parameters.putArray("s").add("abc").add(77);
    Secrets secrets = Secrets.of(parameters, Set.of("s"));
    assertEquals("******, 77", secrets.text("abc, 77"), "too short to be looked for in a text");
    assertEquals(Secrets.MASK, secrets.value(77));
    assertEquals("{\"s\":\"******\"}", Secrets.masked(parameters.toString(), Set.of("s")));
  }

  @Test
  void errors_are_thrown_on_without_them() {
    Secrets secrets = secrets("abc");
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
}
