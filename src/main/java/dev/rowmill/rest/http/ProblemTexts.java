package dev.rowmill.rest.http;

import dev.rowmill.task.Plan;
import dev.rowmill.task.Refusal;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Provides the texts of problems in each language, from the UTF-8 files under {@code problems/}.
 * Placeholders in braces are replaced by members of the problem. A text that a language lacks is
 * given in English. Safe for many threads.
 */
@ApplicationScoped
public class ProblemTexts {

  public static final String PROBLEMS = "problems";
  public static final String REASONS = "reasons";
  public static final String VIOLATIONS = "violations";
  public static final String PLANS = "plans";

  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([A-Za-z]+)}");

  private final Map<String, Map<Language, Properties>> bundles =
      Stream.of(PROBLEMS, REASONS, VIOLATIONS, PLANS)
          .collect(Collectors.toMap(name -> name, ProblemTexts::load));

  /** Returns the title, which is the same for every problem of the type. */
  public String title(String type, Language language) {
    String text = text(PROBLEMS, type + ".title", Map.of(), language);
    // A task may reject a request with a type of its own, which has no text here.
    return text == null ? type.replace('-', ' ') : text;
  }

  /** Returns the detail, which says what happened and what to do; null when the type has none. */
  public @Nullable String detail(String type, Map<String, ?> members, Language language) {
    return text(PROBLEMS, type + ".detail", members, language);
  }

  /** Returns the text of one reason of a refusal, or its code when there is no text. */
  public String reason(Refusal.Reason reason, Language language) {
    return textOrCode(REASONS, reason.code(), reason.arguments(), language);
  }

  /** Returns the text of a violation, or its code when there is no text. */
  String violation(Refusal.Reason reason, Language language) {
    return textOrCode(VIOLATIONS, reason.code(), reason.arguments(), language);
  }

  /** Returns the text of a plan's warning or reason, or its code when there is no text. */
  public String plan(Plan.Warning warning, Language language) {
    return textOrCode(PLANS, warning.code(), warning.arguments(), language);
  }

  /**
   * Returns the texts of one bundle as they are in the file; empty when there is no such bundle.
   */
  public Properties bundle(String name, Language language) {
    return bundles.getOrDefault(name, Map.of()).getOrDefault(language, new Properties());
  }

  private String textOrCode(
      String bundle, String code, Map<String, ?> arguments, Language language) {
    String text = text(bundle, code, arguments, language);
    return text == null ? code : text;
  }

  private @Nullable String text(
      String bundle, String key, Map<String, ?> arguments, Language language) {
    String text = bundle(bundle, language).getProperty(key);
    if (text == null) {
      text = bundle(bundle, Language.ENGLISH).getProperty(key);
    }
    return text == null ? null : fill(text, arguments);
  }

  private static String fill(String text, Map<String, ?> arguments) {
    return PLACEHOLDER
        .matcher(text)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(
                    arguments.containsKey(found.group(1))
                        ? shown(arguments.get(found.group(1)))
                        : found.group()));
  }

  private static String shown(@Nullable Object value) {
    return value instanceof Collection<?> many
        ? many.stream().map(String::valueOf).collect(Collectors.joining(", "))
        : String.valueOf(value);
  }

  private static Map<Language, Properties> load(String name) {
    Map<Language, Properties> languages = new EnumMap<>(Language.class);
    for (Language language : Language.values()) {
      var texts = new Properties();
      String file = "problems/" + name + language.suffix() + ".properties";
      try (InputStream in =
          Thread.currentThread().getContextClassLoader().getResourceAsStream(file)) {
        if (in != null) {
          texts.load(new InputStreamReader(in, StandardCharsets.UTF_8));
        }
      } catch (IOException e) {
        throw new UncheckedIOException("problem texts " + file + " can't be read", e);
      }
      languages.put(language, texts);
    }
    return languages;
  }
}
