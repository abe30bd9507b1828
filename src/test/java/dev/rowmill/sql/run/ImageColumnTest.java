package dev.rowmill.sql.run;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.sql.run.ImageColumn.Form;
import org.junit.jupiter.api.Test;

/** Tests which columns take the values of an image. */
class ImageColumnTest {

  private static ImageColumn of(String type) {
    return new ImageColumn("e", Form.UNSIGNED, type, "utf8mb4", "utf8mb4_bin");
  }

  @Test
  void an_enum_takes_the_values_of_one_with_the_same_labels() {
    ImageColumn now = of("enum('New','a','A')");
    assertTrue(now.accepts(of("enum('New','a','A')")));
    assertFalse(now.accepts(of("enum('New','A','a')")));
    // As older images have it.
    assertTrue(now.accepts(of("enum('new','a','a')")));
  }
}
