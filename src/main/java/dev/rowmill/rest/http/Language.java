package dev.rowmill.rest.http;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Lists the languages of problem texts. */
public enum Language {
  ENGLISH("en", ""),
  CHINESE("zh", "_zh");

  private final String tag;
  private final String suffix;

  Language(String tag, String suffix) {
    this.tag = tag;
    this.suffix = suffix;
  }

  /** Returns the tag for {@code Content-Language}. */
  public String tag() {
    return tag;
  }

  /** Returns the suffix of the names of this language's bundles. */
  String suffix() {
    return suffix;
  }

  /**
   * Returns the caller's preferred language; English when the header names none or is invalid.
   *
   * @param acceptLanguage the header's value, several joined by commas
   */
  public static Language of(@Nullable String acceptLanguage) {
    if (acceptLanguage == null || acceptLanguage.isBlank()) {
      return ENGLISH;
    }
    for (Locale.LanguageRange range : ranges(acceptLanguage)) {
      if (range.getWeight() == 0) {
        continue;
      }
      String language = range.getRange().split("-", 2)[0];
      if (language.equals("zh")) {
        return CHINESE;
      }
      if (language.equals("en") || language.equals("*")) {
        return ENGLISH;
      }
    }
    return ENGLISH;
  }

  private static List<Locale.LanguageRange> ranges(String header) {
    try {
      return Locale.LanguageRange.parse(header);
    } catch (IllegalArgumentException e) {
      return List.of();
    }
  }
}
