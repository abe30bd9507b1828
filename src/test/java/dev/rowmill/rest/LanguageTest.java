package dev.rowmill.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.rest.http.Language;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LanguageTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "zh",
        "zh-CN",
        "ZH-tw",
        "zh-Hans-CN",
        "fr, zh;q=0.8, en;q=0.7",
        "en;q=0.5,zh-CN;q=0.9",
        "en;q=0, zh;q=0.1"
      })
  void whoever_likes_chinese_best_gets_it(String header) {
    assertEquals(Language.CHINESE, Language.of(header));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "en",
        "en-GB,zh;q=0.9",
        "fr",
        "*",
        "zh;q=0",
        "zh;q=0, *",
        "zho",
        ";;;q=,",
        "zh;q=7",
        "\u0000"
      })
  void all_others_get_english(String header) {
    assertEquals(Language.ENGLISH, Language.of(header));
  }

  @Test
  void no_header_is_english() {
    assertEquals(Language.ENGLISH, Language.of(null));
  }
}
