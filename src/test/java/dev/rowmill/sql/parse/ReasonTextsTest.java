package dev.rowmill.sql.parse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ReasonTextsTest {

  private static final Pattern LITERAL = Pattern.compile("\"([a-z]+(?:-[a-z]+)*)\"");
  private static final Pattern DIRECT =
      Pattern.compile("(?:Reason\\.of|new Reason|refuse|Judgement)\\(\\s*(?:null, )?\"([a-z-]+)\"");
  private static final Pattern WARNING = Pattern.compile("Warning(?:\\.of)?\\(\\s*\"([a-z-]+)\"");
  private static final Pattern ARGUMENT = Pattern.compile("\\{(\\w+)}");

  private static Properties texts(String file) throws IOException {
    Properties texts = new Properties();
    try (InputStreamReader in =
        new InputStreamReader(
            ReasonTextsTest.class.getResourceAsStream("/problems/" + file),
            StandardCharsets.UTF_8)) {
      texts.load(in);
    }
    return texts;
  }

  private static Set<String> found(Pattern pattern, String text) {
    Set<String> found = new HashSet<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }

  // The rules of saved statements have their texts among the violations.
  private static String sources() throws IOException {
    StringBuilder text = new StringBuilder();
    for (String folder :
        List.of("archive", "batch", "dispatch", "export", "httptask", "sql", "task", "upload")) {
      try (Stream<Path> files = Files.walk(Path.of("src/main/java/dev/rowmill", folder))) {
        for (Path file :
            files
                .filter(Files::isRegularFile)
                .filter(it -> !it.toString().contains("statement/Param"))
                .sorted()
                .toList()) {
          text.append(Files.readString(file));
        }
      }
    }
    return text.toString();
  }

  @Test
  void every_reason_in_the_source_has_a_text_and_every_text_a_reason() throws IOException {
    Set<String> keys = texts("reasons.properties").stringPropertyNames();
    Set<String> direct = new TreeSet<>(found(DIRECT, sources()));
    direct.removeAll(keys);
    direct.remove("");
    assertEquals(Set.of(), direct);
    Set<String> unused = new TreeSet<>(keys);
    unused.removeAll(found(LITERAL, sources()));
    assertEquals(Set.of(), unused);
  }

  @Test
  void every_warning_of_a_plan_has_a_text() throws IOException {
    Set<String> keys = texts("plans.properties").stringPropertyNames();
    Set<String> used = new TreeSet<>(found(WARNING, sources()));
    assertTrue(used.size() > 10, used.toString());
    used.removeAll(keys);
    assertEquals(Set.of(), used);
  }

  @Test
  void both_languages_have_the_same_texts_with_the_same_arguments() throws IOException {
    Properties english = texts("reasons.properties");
    Properties chinese = texts("reasons_zh.properties");
    assertEquals(english.keySet(), chinese.keySet());
    for (String code : english.stringPropertyNames()) {
      assertEquals(
          found(ARGUMENT, english.getProperty(code)),
          found(ARGUMENT, chinese.getProperty(code)),
          code);
      assertTrue(chinese.getProperty(code).codePoints().anyMatch(c -> c > 0x4e00), code);
    }
  }

  @Test
  void every_rejected_statement_has_all_arguments_of_its_texts() throws IOException {
    Properties english = texts("reasons.properties");
    for (String line : StatementParserTest.lines("refused.txt")) {
      try {
        StatementParser.parse(line.split(" \\| ", 2)[1]);
      } catch (dev.rowmill.task.Refusal refusal) {
        for (dev.rowmill.task.Refusal.Reason reason : refusal.reasons()) {
          assertTrue(
              reason
                  .arguments()
                  .keySet()
                  .containsAll(found(ARGUMENT, english.getProperty(reason.code()))),
              reason.toString());
        }
      }
    }
  }
}
