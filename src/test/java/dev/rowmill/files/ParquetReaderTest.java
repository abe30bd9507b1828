package dev.rowmill.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.rowmill.changes.ReadableColumn;
import dev.rowmill.sql.run.ImageColumn;
import dev.rowmill.sql.run.ImageColumn.Form;
import dev.rowmill.testing.BesideOthers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads files of Rowmill's own writer and of DuckDB, and files that are damaged. */
@BesideOthers
class ParquetReaderTest {

  private static final int MOST_ROWS = 9_000;

  @TempDir Path directory;

  private static ImageColumn column(String name, Form form, String type) {
    return new ImageColumn(name, form, type, null, null);
  }

  private static final List<ImageColumn> COLUMNS =
      List.of(
          column("small", Form.INTEGER, "tinyint(4)"),
          column("number", Form.INTEGER, "int(10) unsigned"),
          column("huge", Form.UNSIGNED, "bigint(20) unsigned"),
          column("price", Form.DECIMAL, "decimal(38,4)"),
          column("exact", Form.DECIMAL, "decimal(65,30)"),
          column("rough", Form.REAL, "float"),
          column("real", Form.REAL, "double"),
          column("bits", Form.UNSIGNED, "bit(64)"),
          column("day", Form.PLAIN, "date"),
          column("at", Form.PLAIN, "datetime(6)"),
          column("utc", Form.INSTANT, "timestamp(6)"),
          column("time", Form.PLAIN, "time(3)"),
          column("year", Form.PLAIN, "year(4)"),
          column("text", Form.TEXT, "varchar(50)"),
          column("label", Form.UNSIGNED, "enum('a','it''s')"),
          column("bytes", Form.BYTES, "blob"));

  private static final String[][] ROWS = {
    {
      "-128",
      "4294967295",
      "18446744073709551615",
      "-9999999999999999999999999999999999.9999",
      "-0.000000000000000000000000000001",
      "0.10000000149011612",
      "1.7976931348623157E308",
      "18446744073709551615",
      "9999-12-31",
      "1000-01-01 00:00:00.000001",
      "1.999999",
      "-838:59:59.000",
      "1901",
      "ä \"€\uD83D\uDE00",
      "2",
      "x"
    },
    {
      "127",
      "0",
      "0",
      "0.0000",
      "1.000000000000000000000000000000",
      "-0.0",
      "-0.0",
      "0",
      "0001-01-01",
      "9999-12-31 23:59:59.999999",
      "2147483647.000000",
      "838:59:59.999",
      "2155",
      "",
      "1",
      ""
    },
    new String[COLUMNS.size()]
  };

  private static byte @Nullable [] bytes(@Nullable String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[][] row(String... texts) {
    return Arrays.stream(texts).map(ParquetReaderTest::bytes).toArray(byte[][]::new);
  }

  private Path written(int times) throws IOException {
    var out = new ByteArrayOutputStream();
    RowWriter writer = FileFormat.PARQUET.open(out, COLUMNS);
    for (int i = 0; i < times; i++) {
      for (String[] row : ROWS) {
        writer.write(row(row));
      }
    }
    writer.finish();
    return file(out.toByteArray());
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(directory.resolve("file.parquet"), bytes);
  }

  /** Returns the first rows as text, with bytes in hexadecimal digits. */
  private static List<List<@Nullable String>> rows(Path file) throws IOException {
    List<List<@Nullable String>> rows = new ArrayList<>();
    try (ParquetReader reader = ParquetReader.open(file)) {
      for (byte[][] row = reader.next();
          row != null && rows.size() < MOST_ROWS;
          row = reader.next()) {
        List<@Nullable String> texts = new ArrayList<>();
        for (int i = 0; i < row.length; i++) {
          texts.add(
              row[i] == null
                  ? null
                  : reader.columns().get(i).bytes()
                      ? HexFormat.of().formatHex(row[i])
                      : new String(row[i], StandardCharsets.UTF_8));
        }
        rows.add(texts);
      }
    }
    return rows;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3000})
  void what_is_written_is_read_back(int times) throws Exception {
    List<List<@Nullable String>> expected = new ArrayList<>();
    for (String[] row : ROWS) {
      List<@Nullable String> texts = new ArrayList<>();
      for (int i = 0; i < row.length; i++) {
        byte[] text = new ReadableColumn(COLUMNS.get(i)).text(bytes(row[i]));
        boolean raw = COLUMNS.get(i).form() == Form.BYTES;
        texts.add(
            text == null
                ? null
                : raw
                    ? HexFormat.of().formatHex(bytes(row[i]))
                    : new String(text, StandardCharsets.UTF_8)
                        .replaceAll("(:\\d\\d)\\.0+$", raw ? "" : "$1"));
      }
      expected.add(texts);
    }
    // A TIME is text in the files, and keeps its zeros.
    expected.get(0).set(11, "-838:59:59.000");
    List<List<@Nullable String>> read = rows(written(times));
    assertEquals(ROWS.length * times, read.size());
    for (int i = 0; i < read.size(); i++) {
      assertEquals(expected.get(i % ROWS.length), read.get(i));
    }
  }

  @Test
  void several_row_groups_are_read() throws Exception {
    var out = new ByteArrayOutputStream();
    ImageColumn text = column("text", Form.TEXT, "mediumtext");
    RowWriter writer = FileFormat.PARQUET.open(out, List.of(text));
    for (int i = 0; i < 60; i++) {
      writer.write(row(Integer.toString(i).repeat(500_000)));
    }
    writer.finish();
    List<List<@Nullable String>> read = rows(file(out.toByteArray()));
    assertEquals(60, read.size());
    assertEquals("59".repeat(500_000), read.get(59).get(0));
  }

  private Path byDuckDb(String select, String options) throws Exception {
    Path file = directory.resolve("duck.parquet");
    try (Connection there = DriverManager.getConnection("jdbc:duckdb:");
        Statement duck = there.createStatement()) {
      duck.execute("SET TimeZone = 'UTC'");
      duck.execute("COPY (" + select + ") TO '" + file + "' (FORMAT parquet" + options + ")");
    }
    return file;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ", COMPRESSION zstd",
        ", COMPRESSION gzip",
        ", COMPRESSION lz4_raw",
        ", COMPRESSION uncompressed",
        ", ROW_GROUP_SIZE 2048"
      })
  void files_of_another_writer_are_read(String options) throws Exception {
    List<List<@Nullable String>> read =
        rows(
            byDuckDb(
                """
                SELECT i, i % 7 = 0 AS b, CAST(i AS UTINYINT) AS u, CAST(i AS DECIMAL(6,2)) AS d,
                 CAST(i AS DECIMAL(15,3)) AS d2, CAST(-i AS DECIMAL(30,1)) AS d3, i / 8 AS r,
                 IF(i % 3 = 0, NULL, 'text ' || i) AS t, CAST('x' || i AS BLOB) AS y,
                 TIME '01:02:03.5' AS h, TIMESTAMP '2024-02-29 10:00:00.25' AS at,
                 TIMESTAMPTZ '2024-02-29 10:00:00+02' AS z, DATE '2024-02-29' + CAST(i AS INT) AS c,
                 UUID '6f9619ff-8b86-d011-b42d-00c04fc964ff' AS id,
                 CAST('2024-02-29 10:00:00.000000001' AS TIMESTAMP_NS) AS n
                FROM range(200) AS of(i), range(25)
                ORDER BY i""",
                options));
    assertEquals(5000, read.size());
    assertEquals(
        Arrays.asList(
            "199",
            "0",
            "199",
            "199.00",
            "199.000",
            "-199.0",
            "24.875",
            "text 199",
            "78313939",
            "01:02:03.500000",
            "2024-02-29 10:00:00.250000",
            "2024-02-29 08:00:00",
            "2024-09-15",
            "6f9619ff-8b86-d011-b42d-00c04fc964ff",
            "2024-02-29 10:00:00.000000001"),
        read.get(4999));
    assertEquals(null, read.get(0).get(7));
    assertEquals("1", read.get(0).get(1));
  }

  @Test
  void deltas_of_another_writer_are_read_or_refused() throws Exception {
    String numbers = "SELECT CAST(i * i AS BIGINT) AS n FROM range(5000) AS of(i) ORDER BY i";
    String second = ", PARQUET_VERSION v2, STRING_DICTIONARY_PAGE_SIZE_LIMIT 1";
    assertEquals("24990001", rows(byDuckDb(numbers, second)).get(4999).get(0));
    List<List<@Nullable String>> texts =
        rows(byDuckDb("SELECT 'text ' || i AS t FROM range(5000) AS of(i) ORDER BY i", second));
    assertEquals("text 4999", texts.get(4999).get(0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT 1 AS a, [1, 2] AS b|column b",
        "SELECT {'x': 1} AS b|column b",
        "SELECT INTERVAL 1 DAY AS b|column b: the type optional fixed_len_byte_array(12) b (INTERVAL)"
      })
  void a_type_that_is_not_supported_is_named(String select, String says) throws Exception {
    Path file = byDuckDb(select, "");
    String message =
        assertThrows(UnreadableFileException.class, () -> ParquetReader.open(file)).getMessage();
    assertTrue(message.startsWith(says), message);
  }

  @Test
  void a_file_that_is_cut_off_is_refused() throws Exception {
    byte[] whole = Files.readAllBytes(written(200));
    for (int length : new int[] {0, 3, 4, 11, 12, 100, whole.length / 2, whole.length - 1}) {
      Path cut = file(Arrays.copyOf(whole, length));
      assertThrows(UnreadableFileException.class, () -> rows(cut), () -> length + " bytes");
    }
    // A footer that is whole, with pages that are not there.
    int footer = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt(whole.length - 8);
    var out = new ByteArrayOutputStream();
    out.write(whole, 0, 100);
    out.write(whole, whole.length - 8 - footer, footer + 8);
    Path without = file(out.toByteArray());
    assertThrows(UnreadableFileException.class, () -> rows(without));
  }

  @Test
  void damaged_files_take_no_more_memory_than_they_have() throws Exception {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    List<byte[]> files =
        List.of(
            Files.readAllBytes(written(20)),
            Files.readAllBytes(
                byDuckDb(
                    "SELECT i, 'text ' || i AS t, i % 2 = 0 AS b FROM range(50) AS of(i)",
                    ", PARQUET_VERSION v2")));
    var random = new Random(7);
    int refused = 0;
    for (int i = 0; i < 3000; i++) {
      byte[] bytes = files.get(i % 2).clone();
      for (int change = random.nextInt(3); change >= 0; change--) {
        int at = random.nextInt(bytes.length);
        if (random.nextBoolean()) {
          bytes[at] = (byte) random.nextInt();
        } else {
          // The largest number in the encoding of Thrift, and a large one of four bytes.
          byte[] large = {-1, -1, -1, -1, 0x7F};
          System.arraycopy(large, 0, bytes, at, Math.min(large.length, bytes.length - at));
        }
      }
      Path file = file(bytes);
      long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
      try {
        rows(file);
      } catch (UnreadableFileException e) {
        refused++;
        assertFalse(String.valueOf(e.getMessage()).isEmpty());
      }
      long taken = threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
      assertTrue(taken < 64 << 20, "the file " + i + " took " + taken + " bytes");
    }
    assertTrue(refused > 500, "refused " + refused);
  }
}
