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
  void chinese_is_used_when_preferred(String header) {
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
  void english_is_used_otherwise(String header) {
    assertEquals(Language.ENGLISH, Language.of(header));
  }

  @Test
  void without_a_header_english_is_used() {
    assertEquals(Language.ENGLISH, Language.of(null));
  }
}
