package dev.rowmill.sql.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.ImageColumn.Form;
import dev.rowmill.sql.run.RowImage.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Test;

/**
 * Tests that images have the same bytes in all versions of Rowmill, which are stored longer than a
 * version is used.
 */
class RowImageTest {

  /** Holds one image of each kind, before compression. */
  private static final String GOLDEN =
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
        image(Kind.INSERTED, new TableName(null, "item"), id, one, RowImage.inserted(key, value)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static RowImage image(
      Kind kind, TableName table, ImageColumn key, List<ImageColumn> columns, RowImage.Row row) {
    return new RowImage(kind, table, "PRIMARY", List.of(key), columns, List.of(row));
  }

  @Test
  void images_are_written_in_the_stored_format() throws IOException {
    var written = new InflaterInputStream(new ByteArrayInputStream(RowImage.write(images())));
    assertEquals(GOLDEN, HexFormat.of().formatHex(written.readAllBytes()));
  }

  @Test
  void images_of_earlier_versions_are_read() throws IOException {
    List<RowImage> read = RowImage.read(compressed(GOLDEN));
    List<RowImage> expected = images();
    assertEquals(expected.size(), read.size());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i).of(List.of()), read.get(i).of(List.of()));
      RowImage.Row row = read.get(i).rows().get(0);
      assertArrayEquals(expected.get(i).rows().get(0).key(), row.key());
      assertArrayEquals(expected.get(i).rows().get(0).before(), row.before());
      assertArrayEquals(expected.get(i).rows().get(0).after(), row.after());
    }
  }

  @Test
  void unknown_codes_in_an_image_are_named() throws IOException {
    // The image begins with the version, the number of images, and the kind.
    assertEquals(unknown("format version 2"), errorOf("02" + GOLDEN.substring(2)));
    assertEquals(
        unknown("kind of change 3"),
        errorOf(GOLDEN.substring(0, 10) + "03" + GOLDEN.substring(12)));
    // The encoding of the key follows its name.
    int form = GOLDEN.indexOf("036964") + 6;
    assertEquals(
        unknown("encoding of values 10"),
        errorOf(GOLDEN.substring(0, form) + "0a" + GOLDEN.substring(form + 2)));
  }

  private static String unknown(String what) {
    return "The row image has the unknown " + what + ": another version of Rowmill has written it";
  }

  private static String errorOf(String hex) throws IOException {
    byte[] image = compressed(hex);
    return assertThrows(IllegalStateException.class, () -> RowImage.read(image)).getMessage();
  }

  private static byte[] compressed(String hex) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var deflater = new DeflaterOutputStream(out)) {
      deflater.write(HexFormat.of().parseHex(hex));
    }
    return out.toByteArray();
  }
}
