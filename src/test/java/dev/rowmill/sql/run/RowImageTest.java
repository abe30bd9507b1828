package dev.rowmill.sql.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.ImageColumn.Form;
import dev.rowmill.sql.run.RowImage.Kind;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.BoundText.Bytes;
import io.airlift.compress.lz4.Lz4Compressor;
import io.airlift.compress.lz4.Lz4Decompressor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.DeflaterOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Tests that images have the same bytes in all versions of Rowmill, which are stored longer than a
 * version is used.
 */
class RowImageTest {

  /** Holds one image of each kind and one with a formula, before compression. */
  private static final String GOLDEN =
      "00000004000573686f70056974656d085052494d41525900000001036964000b626967696e74"
          + "2832302901010000000a03633000037430010103633101037431010103633202037432010103"
          + "633303037433076c6174696e310b6c6174696e315f62696e0363340403743401010363350503"
          + "7435010103633606037436010103633707037437010103633808037438010103633909037439"
          + "01010000000001023700086265666f726531086265666f726532086265666f72653308626566"
          + "6f726534086265666f726535086265666f726536086265666f726537086265666f7265380862"
          + "65666f7265390109787878787878787811787878787878787878787878787878781978787878"
          + "787878787878787878787878787878787878787821c62e4615bd39e222572f3a1bf7c2132ea1"
          + "e65b17ec805047bd6b2842c593493f21bd913ff68243d41b9611b2690dfbf2b0f6e42ea14536"
          + "a98232af60e9f64ffdaa2123b3634e2751a892cddd80e42c0027949226cffdb231c42cba9361"
          + "fce2a3021e2104c26261370ee7541549d16dee320c723e3fd14671e66a099afe0a377c16888e"
          + "217ce100971f64e7001e8fe5a51973ecdfe1ced42befe7ee8d5fd6219506b5393c215bd2fd70"
          + "19be4014a135cbc4fc4aecc894861782ec797467a7cd0909e98f76f2010573686f7005697465"
          + "6d085052494d41525900000001036964000b626967696e742832302901010000000103633303"
          + "037433076c6174696e310b6c6174696e315f62696e0000000001023703c3a40201056974656d"
          + "085052494d41525900000001036964000b626967696e74283230290101000000010363330303"
          + "7433076c6174696e310b6c6174696e315f62696e000000000102371101e812b68f232911362a"
          + "0e00e94545a8000573686f70056974656d085052494d41525900000001036964000b62696769"
          + "6e742832302901010000000103633303037433076c6174696e310b6c6174696e315f62696e01"
          + "0000000103633202037432010102692d61203d20434f4e434154283f2c2062292c2063203d20"
          + "3f2c2064203d203f2c2065203d203f2c2066203d203f000000050103c3a40202350305312e35"
          + "3004054141453d0001000000010973716c5f6d6f646505414e53490000000100000000046e6f"
          + "7700000001023703c3a400";

  /** Holds one image of each kind in version 1, before compression. */
  private static final String GOLDEN_1 =
      "0100000003000573686f70056974656d085052494d41525900000001036964000b626967696e7428"
          + "32302901010000000a03633000037430010103633101037431010103633202037432010103633303"
          + "037433076c6174696e310b6c6174696e315f62696e03633404037434010103633505037435010103"
          + "63360603743601010363370703743701010363380803743801010363390903743901010000000102"
          + "3700086265666f726531086265666f726532086265666f726533086265666f726534086265666f72"
          + "6535086265666f726536086265666f726537086265666f726538086265666f726539010978787878"
          + "78787878117878787878787878787878787878787819787878787878787878787878787878787878"
          + "78787878787821c62e4615bd39e222572f3a1bf7c2132ea1e65b17ec805047bd6b2842c593493f21"
          + "bd913ff68243d41b9611b2690dfbf2b0f6e42ea14536a98232af60e9f64ffdaa2123b3634e2751a8"
          + "92cddd80e42c0027949226cffdb231c42cba9361fce2a3021e2104c26261370ee7541549d16dee32"
          + "0c723e3fd14671e66a099afe0a377c16888e217ce100971f64e7001e8fe5a51973ecdfe1ced42bef"
          + "e7ee8d5fd6219506b5393c215bd2fd7019be4014a135cbc4fc4aecc894861782ec797467a7cd0909"
          + "e98f76f2010573686f70056974656d085052494d41525900000001036964000b626967696e742832"
          + "302901010000000103633303037433076c6174696e310b6c6174696e315f62696e00000001023703"
          + "c3a40201056974656d085052494d41525900000001036964000b626967696e742832302901010000"
          + "000103633303037433076c6174696e310b6c6174696e315f62696e0000000102371101e812b68f23"
          + "2911362a0e00e94545a8";

  private static List<RowImage> images() {
    TableName table = new TableName("shop", "item");
    var id = new ImageColumn("id", Form.INTEGER, "bigint(20)", null, null);
    List<ImageColumn> columns = new ArrayList<>();
    for (Form form : Form.values()) {
      String charset = form == Form.TEXT ? "latin1" : null;
      String collation = form == Form.TEXT ? "latin1_bin" : null;
      columns.add(
          new ImageColumn("c" + columns.size(), form, "t" + columns.size(), charset, collation));
    }
    byte[][] key = {bytes("7")};
    byte[][] before = new byte[columns.size()][];
    byte[][] after = new byte[columns.size()][];
    for (int i = 0; i < before.length; i++) {
      before[i] = i == 0 ? null : bytes("before" + i);
      after[i] = bytes("x".repeat(i * 8));
    }
    List<ImageColumn> one = columns.subList(3, 4);
    byte[][] value = {bytes("ä")};
    return List.of(
        image(Kind.UPDATED, table, id, columns, RowImage.updated(key, before, after)),
        image(Kind.DELETED, table, id, one, RowImage.deleted(key, value)),
        image(Kind.INSERTED, new TableName(null, "item"), id, one, RowImage.inserted(key, value)),
        new RowImage(
            Kind.UPDATED,
            table,
            "PRIMARY",
            List.of(id),
            one,
            List.of(RowImage.computed(key, new byte[][] {value[0], null})),
            new Formula(
                columns.subList(2, 3),
                "i",
                new BoundText(
                    "a = CONCAT(?, b), c = ?, d = ?, e = ?, f = ?",
                    Stream.of("ä", 5L, new BigDecimal("1.50"), new Bytes("AAE="), null)
                        .map(BoundText.Value::new)
                        .toList()),
                Map.of("sql_mode", "ANSI"),
                Map.of(0, bytes("now")))));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static RowImage image(
      Kind kind, TableName table, ImageColumn key, List<ImageColumn> columns, RowImage.Row row) {
    return new RowImage(kind, table, "PRIMARY", List.of(key), columns, List.of(row), null);
  }

  @Test
  void images_are_written_in_the_stored_format() {
    byte[] written = RowImage.write(images());
    assertEquals("0201", HexFormat.of().formatHex(written, 0, 2));
    int length = ByteBuffer.wrap(written).getInt(2);
    byte[] plain = new byte[length];
    assertEquals(
        length, new Lz4Decompressor().decompress(written, 6, written.length - 6, plain, 0, length));
    assertEquals(GOLDEN, HexFormat.of().formatHex(plain));
  }

  @Test
  void images_of_this_version_are_read() {
    List<RowImage> read = RowImage.read(compressed(GOLDEN));
    assertImages(images(), read);
    assertFormula(images().get(3).formula(), read.get(3).formula());
  }

  @Test
  void images_of_version_1_are_read() throws IOException {
    assertImages(images().subList(0, 3), RowImage.read(deflated(GOLDEN_1)));
  }

  private static void assertImages(List<RowImage> expected, List<RowImage> read) {
    assertEquals(expected.size(), read.size());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i).of(List.of()), read.get(i).of(List.of()));
      RowImage.Row row = read.get(i).rows().get(0);
      assertArrayEquals(expected.get(i).rows().get(0).key(), row.key());
      assertArrayEquals(expected.get(i).rows().get(0).before(), row.before());
      assertArrayEquals(expected.get(i).rows().get(0).after(), row.after());
    }
  }

  private static void assertFormula(@Nullable Formula expected, @Nullable Formula read) {
    assertTrue(expected != null && read != null);
    assertEquals(expected.inputs(), read.inputs());
    assertEquals(expected.qualifier(), read.qualifier());
    assertEquals(expected.assignments(), read.assignments());
    assertEquals(expected.session(), read.session());
    assertEquals(expected.constants().keySet(), read.constants().keySet());
    assertArrayEquals(expected.constants().get(0), read.constants().get(0));
  }

  @Test
  void unknown_codes_in_an_image_are_named() throws IOException {
    assertEquals(unknown("format version 3"), errorOf(HexFormat.of().parseHex("0301")));
    assertEquals(unknown("compression 2"), errorOf(HexFormat.of().parseHex("0202")));
    assertEquals(unknown("format version 2"), errorOf(deflated("02" + GOLDEN_1.substring(2))));
    // The image begins with the number of images, and the kind.
    assertEquals(
        unknown("kind of change 4"),
        errorOf(compressed(GOLDEN.substring(0, 8) + "04" + GOLDEN.substring(10))));
    // The encoding of the key follows its name.
    int form = GOLDEN.indexOf("036964") + 6;
    assertEquals(
        unknown("encoding of values 10"),
        errorOf(compressed(GOLDEN.substring(0, form) + "0a" + GOLDEN.substring(form + 2))));
  }

  private static String unknown(String what) {
    return "The row image has the unknown " + what + ": another version of Rowmill has written it";
  }

  private static String errorOf(byte[] image) {
    return assertThrows(IllegalStateException.class, () -> RowImage.read(image)).getMessage();
  }

  private static byte[] compressed(String hex) {
    byte[] plain = HexFormat.of().parseHex(hex);
    var compressor = new Lz4Compressor();
    byte[] stored = new byte[6 + compressor.maxCompressedLength(plain.length)];
    ByteBuffer.wrap(stored).put((byte) 2).put((byte) 1).putInt(plain.length);
    int length = compressor.compress(plain, 0, plain.length, stored, 6, stored.length - 6);
    return Arrays.copyOf(stored, 6 + length);
  }

  private static byte[] deflated(String hex) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var deflater = new DeflaterOutputStream(out)) {
      deflater.write(HexFormat.of().parseHex(hex));
    }
    return out.toByteArray();
  }
}
