package dev.rowmill.sql.value;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Tests the bytes of a JSON document, and the SQL that restores the types of its values. */
class TypedJsonTest {

  private static final String TEXT =
      "{\"a\": 1.50, \"b\": [\"2026-01-02 03:04:05.000000\", {\"c \\\"x\\\"\": 7}], \"n\": null}";

  /** Lists members and elements as MySQL does: those of a container before those within them. */
  private static final String TYPES =
      "OBJECT|[\"DECIMAL\", \"ARRAY\", \"NULL\", \"UNSIGNED INTEGER\"]|[\"DATETIME\", \"OBJECT\"]";

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String literal(String text) {
    return "CONVERT(x'" + HexFormat.of().formatHex(bytes(text)) + "' USING utf8mb4)";
  }

  @Test
  void a_document_whose_text_shows_all_types_is_its_text() throws SQLException {
    byte[] text = bytes("{\"a\": [1, \"x\", true, null, 2.5]}");
    String types =
        "OBJECT|[\"ARRAY\"]|[\"INTEGER\", \"STRING\", \"BOOLEAN\", \"NULL\", \"DOUBLE\"]";
    assertArrayEquals(text, TypedJson.of(text, types));
    assertFalse(TypedJson.isTyped(text));
    assertArrayEquals(text, TypedJson.text(text));
    assertArrayEquals(text, TypedJson.of(text, null));
    assertNull(TypedJson.of(null, null));
  }

  @Test
  void other_types_follow_the_text() throws SQLException {
    byte[] value = TypedJson.of(bytes(TEXT), TYPES);
    assertTrue(TypedJson.isTyped(value));
    assertArrayEquals(bytes(TEXT), TypedJson.text(value));
    assertArrayEquals(bytes(TEXT + "\0" + TYPES), value);
  }

  @Test
  void the_sql_sets_each_value_of_another_type_at_its_path() throws SQLException {
    byte[] value = TypedJson.of(bytes(TEXT), TYPES);
    assertEquals(
        "JSON_SET(doc, "
            + literal("$.\"a\"")
            + (", CAST(" + literal("1.50") + " AS DECIMAL(3,2)), ")
            + literal("$.\"b\"[1].\"c \\\"x\\\"\"")
            + (", CAST(" + literal("7") + " AS UNSIGNED), ")
            + literal("$.\"b\"[0]")
            + (", CAST(" + literal("2026-01-02 03:04:05.000000") + " AS DATETIME(6)))"),
        TypedJson.written(value, "doc"));
  }

  @Test
  void a_single_value_is_set_as_a_whole() throws SQLException {
    assertEquals(
        "JSON_SET(doc, " + literal("$") + ", CAST(" + literal("2026-01-02") + " AS DATE))",
        TypedJson.written(TypedJson.of(bytes("\"2026-01-02\""), "DATE||"), "doc"));
    assertEquals(
        "JSON_SET(doc, " + literal("$") + ", CAST(" + literal("03:04:05.000000") + " AS TIME(6)))",
        TypedJson.written(TypedJson.of(bytes("\"03:04:05.000000\""), "TIME||"), "doc"));
  }

  @Test
  void types_of_another_document_are_rejected() throws SQLException {
    byte[] value = TypedJson.of(bytes("[1, 2]"), "ARRAY||[\"DECIMAL\"]");
    assertThrows(IllegalStateException.class, () -> TypedJson.written(value, "doc"));
  }

  @Test
  void a_text_that_the_server_has_truncated_is_rejected() {
    assertThrows(SQLException.class, () -> TypedJson.of(new byte[0], "OBJECT||"));
  }
}
