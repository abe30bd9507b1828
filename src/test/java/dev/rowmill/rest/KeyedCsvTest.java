package dev.rowmill.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.rest.batch.BatchBodies;
import dev.rowmill.rest.batch.KeyedCsv;
import dev.rowmill.rest.batch.KeyedCsv.Line;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KeyedCsvTest {

  private static Line line(String key, @Nullable String... note) {
    return Line.of(BatchBodies.json(key), note);
  }

  private static String csv(Line... lines) {
    return KeyedCsv.of(List.of(lines), List.of("reason", "detail"));
  }

  @Test
  void the_columns_of_the_key_come_first() {
    assertEquals(
        "key.shop,key.item,reason,detail\r\na,5,changed-since,n was 1\r\nb,6,missing,\r\n",
        csv(
            line("{\"shop\":\"a\",\"item\":\"5\"}", "changed-since", "n was 1"),
            line("{\"shop\":\"b\",\"item\":\"6\"}", "missing", null)));
  }

  @Test
  void ambiguous_values_are_quoted() {
    assertEquals(
        "\"key.a,b\",reason,detail\r\n\"say \"\"so\"\"\",r,\"one\r\ntwo\"\r\n\"\",r,\"\"\r\n",
        csv(
            line("{\"a,b\":\"say \\\"so\\\"\"}", "r", "one\r\ntwo"),
            line("{\"a,b\":\"\"}", "r", "")));
  }

  @Test
  void an_empty_page_has_headers() {
    assertEquals("reason,detail\r\n", csv());
  }
}
