package dev.rowmill.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.rowmill.sql.run.ImageColumn;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExactRowsTest {

  @Test
  void a_long_text_that_is_not_utf8_comes_back() throws Exception {
    var column = new ImageColumn("c", ImageColumn.Form.TEXT, "longtext", "utf8mb4", null);
    byte[] text = new byte[16 << 20];
    Arrays.fill(text, (byte) 0xFF);
    byte[][] written =
        ExactRows.to(FileFormat.CSV, List.of(column)).toFile(new byte[][] {text}, new byte[1][]);
    String[] read =
        Arrays.stream(written)
            .map(value -> new String(value, StandardCharsets.UTF_8))
            .toArray(String[]::new);
    assertArrayEquals(text, ExactRows.from(List.of(column)).fromFile(read)[0]);
  }
}
