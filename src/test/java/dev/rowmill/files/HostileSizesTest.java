package dev.rowmill.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Tests sizes that a damaged Parquet file may declare. */
class HostileSizesTest {

  @Test
  void a_packed_run_has_no_more_values_than_its_page() throws Exception {
    // 1,000,000 groups of 8 values, without their bytes.
    var run = ByteBuffer.wrap(new byte[] {(byte) 0x81, (byte) 0x89, 0x7A});
    assertThrows(UnreadableFileException.class, () -> EncodedSizes.checkLevels(run, 100));
    assertEquals(4L * 8_000_000, EncodedSizes.checkLevels(run, 8_000_000));
  }

  @Test
  void lists_are_not_nested_without_a_limit() {
    byte[] lists = new byte[1000];
    // Lists of one list, in a struct whose first member is one.
    Arrays.fill(lists, (byte) 0x19);
    assertThrows(UnreadableFileException.class, () -> ThriftStruct.length(ByteBuffer.wrap(lists)));
  }
}
