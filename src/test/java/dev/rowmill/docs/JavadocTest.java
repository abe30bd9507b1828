package dev.rowmill.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks that each Javadoc begins with a sentence: a verb in the third person, such as Returns. */
class JavadocTest {

  private static final Pattern FIRST_WORD = Pattern.compile("/\\*\\*[\\s*]*(\\{?@?\\w+:?)");

  @Test
  void every_javadoc_begins_with_a_verb_in_the_third_person() throws IOException {
    List<String> others = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      for (Path file : files.filter(it -> it.toString().endsWith(".java")).sorted().toList()) {
        String text = Files.readString(file);
        Matcher word = FIRST_WORD.matcher(text);
        while (word.find()) {
          if (!word.group(1).matches("[A-Z][a-z]*s|\\{?@\\w+")) {
            long line = text.substring(0, word.start()).lines().count() + 1;
            others.add(file + ":" + line + " " + word.group(1));
          }
        }
      }
    }
    assertEquals(List.of(), others);
  }
}
