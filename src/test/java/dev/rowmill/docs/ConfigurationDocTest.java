package dev.rowmill.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import io.smallrye.config.WithParentName;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Compares docs/configuration.md with the interfaces that read the configuration.
 *
 * <p>{@code ./mvnw test -Dtest=ConfigurationDocTest -Dtesting.write-docs} writes the generated part
 * of the document.
 */
class ConfigurationDocTest {

  private static final Path DOCUMENT = Path.of("docs/configuration.md");
  private static final Path SOURCES = Path.of("src/main/java");
  private static final String BEGIN = "<!-- properties: generated -->";
  private static final String END = "<!-- /properties -->";
  private static final Pattern MAPPING = Pattern.compile("(?m)^@ConfigMapping\\(");
  private static final Pattern PLATFORM_ROW =
      Pattern.compile("(?m)^\\| `(quarkus\\.[a-z0-9.-]+)` \\| `([^`]+)` \\|");

  /** Holds the rows of the table by the name of the property. */
  private final Map<String, String> rows = new TreeMap<>();

  @Test
  void the_generated_table_is_that_of_the_mappings() throws Exception {
    for (Path source : mappings()) {
      String text = Files.readString(source);
      Class<?> mapping = type(source);
      addRows(mapping.getAnnotation(ConfigMapping.class).prefix(), mapping, text);
    }
    String table =
        "| Property | Type | Default | Meaning |\n| --- | --- | --- | --- |\n"
            + String.join("", rows.values());
    String document = Files.readString(DOCUMENT);
    String expected = withTable(document, table);
    if (System.getProperty("testing.write-docs") != null) {
      Files.writeString(DOCUMENT, expected);
      return;
    }
    assertEquals(expected, document, "run this test with -Dtesting.write-docs");
  }

  @Test
  void defaults_of_platform_properties_are_those_of_the_service() throws IOException {
    Properties defaults = new Properties();
    try (var reader =
        Files.newBufferedReader(Path.of("src/main/resources/application.properties"))) {
      defaults.load(reader);
    }
    Map<String, String> documented = new TreeMap<>();
    Map<String, String> actual = new TreeMap<>();
    for (MatchResult row : PLATFORM_ROW.matcher(Files.readString(DOCUMENT)).results().toList()) {
      String value = defaults.getProperty(row.group(1));
      if (value != null) {
        documented.put(row.group(1), row.group(2));
        actual.put(row.group(1), value);
      }
    }
    assertTrue(documented.size() >= 5, documented.toString());
    assertEquals(actual, documented);
  }

  private static Collection<Path> mappings() throws IOException {
    try (Stream<Path> sources = Files.walk(SOURCES)) {
      return sources
          .filter(source -> source.toString().endsWith(".java"))
          .filter(source -> MAPPING.matcher(read(source)).find())
          .toList();
    }
  }

  private static Class<?> type(Path source) throws ClassNotFoundException {
    String path = SOURCES.relativize(source).toString();
    return Class.forName(path.substring(0, path.lastIndexOf('.')).replace('/', '.'));
  }

  private void addRows(String prefix, Class<?> mapping, String source) {
    String body = source.substring(source.indexOf("interface " + mapping.getSimpleName() + " "));
    for (Method method : mapping.getDeclaredMethods()) {
      String name = name(prefix, method);
      if (method.getReturnType().getEnclosingClass() == mapping) {
        addRows(name, method.getReturnType(), source);
      } else {
        rows.put(
            name,
            "| `%s` | %s | %s | %s |%n"
                .formatted(name, typeText(method), defaultText(method), description(method, body)));
      }
    }
  }

  private static String name(String prefix, Method method) {
    if (method.isAnnotationPresent(WithParentName.class)) {
      return prefix;
    }
    WithName own = method.getAnnotation(WithName.class);
    String name =
        own == null
            ? method.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT)
            : own.value();
    return prefix + "." + name;
  }

  private static String typeText(Method method) {
    Type type = method.getGenericReturnType();
    String bounds = bounds(method);
    if (type instanceof ParameterizedType optional && optional.getRawType() == Optional.class) {
      type = optional.getActualTypeArguments()[0];
      bounds =
          bounds(
              ((java.lang.reflect.AnnotatedParameterizedType) method.getAnnotatedReturnType())
                  .getAnnotatedActualTypeArguments()[0]);
    }
    return text(type) + bounds;
  }

  private static String text(Type type) {
    if (type instanceof ParameterizedType collection) {
      return "list of " + text(collection.getActualTypeArguments()[0]) + "s";
    }
    Class<?> single = (Class<?>) type;
    if (single.isEnum()) {
      return Arrays.stream(single.getEnumConstants())
          .map(constant -> "`" + constant.toString().toLowerCase(Locale.ROOT) + "`")
          .collect(Collectors.joining(" or "));
    }
    if (single == boolean.class) {
      return "boolean";
    }
    if (single == Duration.class) {
      return "duration";
    }
    if (single == Path.class) {
      return "path";
    }
    if (single == String.class) {
      return "text";
    }
    return single.isPrimitive() || single == OptionalLong.class || single == Long.class
        ? "number"
        : single.getSimpleName();
  }

  private static String bounds(java.lang.reflect.AnnotatedElement element) {
    Min min = element.getAnnotation(Min.class);
    Max max = element.getAnnotation(Max.class);
    if (max == null) {
      return min == null ? "" : ", at least " + min.value();
    }
    return ", " + (min == null ? "at most " : min.value() + " to ") + max.value();
  }

  private static String defaultText(Method method) {
    @Nullable WithDefault value = method.getAnnotation(WithDefault.class);
    return value == null ? "" : "`" + value.value() + "`";
  }

  /** Returns the Javadoc of a method, with its line breaks and tags replaced. */
  private static String description(Method method, String body) {
    Matcher javadoc =
        Pattern.compile(
                "/\\*\\*((?:(?!\\*/).)*)\\*/(?:(?!/\\*\\*|;).)*?\\b"
                    + Pattern.quote(method.getName())
                    + "\\(\\);",
                Pattern.DOTALL)
            .matcher(body);
    assertTrue(javadoc.find(), method + " has no Javadoc");
    return javadoc
        .group(1)
        .replaceAll("\\s*\\n\\s*\\*?\\s*", " ")
        .replaceAll("\\{@\\w+ ([^}]*)}", "`$1`")
        .replace("|", "\\|")
        .strip()
        // A property returns nothing.
        .replaceFirst("^Returns the ", "The ")
        .replaceFirst("^Returns whether ", "Whether ");
  }

  private static String withTable(String document, String table) {
    int begin = document.indexOf(BEGIN) + BEGIN.length();
    int end = document.indexOf(END);
    assertTrue(begin >= BEGIN.length() && end >= begin, "markers in " + DOCUMENT);
    return document.substring(0, begin) + "\n\n" + table + "\n" + document.substring(end);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
