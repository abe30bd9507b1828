package dev.rowmill.sql.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.ChangedRows.Change;
import dev.rowmill.sql.run.ImageColumn.Form;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the statements of scripts for values that few servers and sessions have. */
class RowScriptTest {

  private static final ImageColumn ID = new ImageColumn("id", Form.INTEGER, "int", null, null);

  private static String redo(ImageColumn column, byte[] before, byte[] after) {
    var row =
        new ChangedRows.Row(
            new byte[][] {{'1'}}, new byte[][] {before}, new byte[][] {after}, new BitSet());
    var rows =
        new ChangedRows(
            Change.UPDATE,
            new TableName("shop", "item"),
            List.of(ID),
            List.of(column),
            List.of(row));
    var script = new StringBuilder();
    ChangeScript.REDO.of(rows).append(script, row);
    return script.toString();
  }

  private static String update(String to, String condition) {
    return "UPDATE `shop`.`item` SET `c` = "
        + to
        + " WHERE `id` = 1 AND "
        + condition
        + ";\nSET @not_found = @not_found + (ROW_COUNT() = 0);\n";
  }

  @ParameterizedTest
  @CsvSource({
    "ucs2, UTF-16BE, 0061, 0062",
    "utf16, UTF-16BE, 0061, 0062",
    "utf16le, UTF-16LE, 6100, 6200",
    "utf32, UTF-32BE, 00000061, 00000062",
    "latin1, ISO-8859-1, 61, 62",
  })
  void a_char_is_compared_without_the_blanks_that_a_session_adds(
      String charset, String java, String a, String b) {
    var column = new ImageColumn("c", Form.TEXT, "char(4)", charset, charset + "_bin");
    assertEquals(
        update("CONVERT(x'" + b + "' USING " + charset + ")", "CAST(`c` AS BINARY) = x'" + a + "'"),
        redo(
            column,
            "a   ".getBytes(Charset.forName(java)),
            "b   ".getBytes(Charset.forName(java))));
  }

  @Test
  void bytes_that_are_no_character_stay_as_they_are() {
    var column = new ImageColumn("c", Form.TEXT, "varchar(4)", "utf8mb4", "utf8mb4_bin");
    assertEquals(
        update("'it''s'", "CAST(`c` AS BINARY) = x'61ff'"),
        redo(column, new byte[] {'a', (byte) 0xff}, "it's".getBytes(StandardCharsets.UTF_8)));
  }
}
