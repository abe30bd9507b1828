package dev.rowmill.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.ProblemTexts;
import dev.rowmill.rest.http.ProblemType;
import dev.rowmill.task.Refusal.Reason;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProblemTextsTest {

  private final ProblemTexts texts = new ProblemTexts();

  @ParameterizedTest
  @EnumSource(ProblemType.class)
  void each_type_has_title_and_detail_in_each_language(ProblemType type) {
    for (Language language : Language.values()) {
      Properties bundle = texts.bundle(ProblemTexts.PROBLEMS, language);
      assertFalse(bundle.getProperty(type.code() + ".title", "").isBlank(), type + " " + language);
      assertFalse(bundle.getProperty(type.code() + ".detail", "").isBlank(), type + " " + language);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ProblemTexts.PROBLEMS,
        ProblemTexts.REASONS,
        ProblemTexts.VIOLATIONS,
        ProblemTexts.PLANS
      })
  void the_languages_have_the_same_keys_and_members(String name) {
    Properties english = texts.bundle(name, Language.ENGLISH);
    Properties chinese = texts.bundle(name, Language.CHINESE);
    assertFalse(english.isEmpty(), "no texts in " + name);
    assertEquals(
        new TreeSet<>(english.stringPropertyNames()), new TreeSet<>(chinese.stringPropertyNames()));
    for (String key : english.stringPropertyNames()) {
      assertEquals(members(english, key), members(chinese, key), key);
    }
  }

  @Test
  void callers_know_a_busy_project_by_its_title() {
    assertEquals(
        "A batch task is being processed, please try again later",
        texts.title("project-busy", Language.ENGLISH));
    assertEquals("正在处理批量任务，请稍后再试", texts.title("project-busy", Language.CHINESE));
  }

  @Test
  void placeholders_are_replaced_by_members() {
    assertEquals(
        "Give each named parameter of the statement a value, and no other parameters."
            + " Missing: [a, b]; unused: [$1\\].",
        texts.detail(
            "parameter-mismatch",
            Map.of("missing", List.of("a", "b"), "unused", List.of("$1\\")),
            Language.ENGLISH));
  }

  @Test
  void a_reason_without_a_text_is_reported_by_its_code() {
    assertEquals("no-such-code", texts.reason(Reason.of("no-such-code"), Language.CHINESE));
  }

  @Test
  void a_tasks_own_type_is_its_title() {
    assertEquals("too late for that", texts.title("too-late-for-that", Language.CHINESE));
  }

  private static TreeSet<String> members(Properties bundle, String key) {
    var found = new TreeSet<String>();
    Pattern.compile("\\{(\\w+)}")
        .matcher(bundle.getProperty(key))
        .results()
        .map(MatchResult::group)
        .forEach(found::add);
    return found;
  }
}
