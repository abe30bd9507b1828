package dev.rowmill.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.batch.store.UndoConflicts.Conflict;
import dev.rowmill.rest.batch.ConflictCsv;
import dev.rowmill.rest.batch.EvidencePages.ConflictBody;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ConflictCsvTest {

  private static String csv(Conflict... conflicts) {
    return ConflictCsv.of(Stream.of(conflicts).map(ConflictBody::of).toList());
  }

  @Test
  void the_columns_of_the_key_come_first() {
    assertEquals(
        "key.shop,key.item,reason,detail\r\na,5,changed-since,n was 1\r\nb,6,missing,\r\n",
        csv(
            new Conflict(1, "{\"shop\":\"a\",\"item\":\"5\"}", "changed-since", "n was 1"),
            new Conflict(2, "{\"shop\":\"b\",\"item\":\"6\"}", "missing", null)));
  }

  @Test
  void ambiguous_values_are_quoted() {
    assertEquals(
        "\"key.a,b\",reason,detail\r\n\"say \"\"so\"\"\",r,\"one\r\ntwo\"\r\n\"\",r,\"\"\r\n",
        csv(
            new Conflict(1, "{\"a,b\":\"say \\\"so\\\"\"}", "r", "one\r\ntwo"),
            new Conflict(2, "{\"a,b\":\"\"}", "r", "")));
  }

  @Test
  void an_empty_page_has_headers() {
    assertEquals(List.of("reason,detail\r\n"), List.of(csv()));
  }
}
