package dev.rowmill.rest.http;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.Label;
import dev.rowmill.batch.Labels;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.Page;
import dev.rowmill.rest.http.InvalidRequestException.Violation;
import dev.rowmill.task.Refusal.Reason;
import java.math.BigInteger;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the query parameters of a list and builds the path of its next page. All violations are
 * reported together by {@link #check()}. For one thread.
 */
public final class ListQuery {

  private static final Pattern PROJECT = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final Pattern NUMBER = Pattern.compile("-?[0-9]+");
  private static final int DEFAULT_LIMIT = 50;
  private static final int LARGEST_LIMIT = 500;

  private final String path;
  private final Map<String, String> copied = new LinkedHashMap<>();
  private final List<Violation> violations = new ArrayList<>();

  /**
   * Creates a query without parameters.
   *
   * @param path path of the list, from the root
   */
  public ListQuery(String path) {
    this.path = path;
  }

  /**
   * Checks the name of a project and returns it.
   *
   * @throws InvalidRequestException when no project can have this name
   */
  public static String project(String name) {
    return name("project", name);
  }

  /**
   * Checks the name of a schedule or a saved statement, and returns it. It has the form of a
   * project's name.
   *
   * @param field member or parameter that holds the name
   * @throws InvalidRequestException when none can have this name
   */
  public static String name(String field, String name) {
    if (!isName(name)) {
      throw new InvalidRequestException(field, Reason.of("project-name"));
    }
    return name;
  }

  private static boolean isName(String name) {
    // These two are path segments that clients resolve before they send a request.
    return PROJECT.matcher(name).matches() && !name.equals(".") && !name.equals("..");
  }

  /**
   * Returns a number of seconds, as {@link Prefer} limits it.
   *
   * @throws InvalidRequestException when the text is no whole number of seconds
   */
  public static Duration seconds(String field, String text) {
    return Prefer.seconds(text)
        .orElseThrow(() -> new InvalidRequestException(field, Reason.of("not-a-whole-number")));
  }

  /**
   * Returns a flag outside of a list.
   *
   * @throws InvalidRequestException when the text is neither true nor false
   */
  public static boolean bool(String field, @Nullable String text) {
    var query = new ListQuery("");
    boolean value = query.flag(field, text);
    query.check();
    return value;
  }

  /**
   * Returns a number from 1 to 500 outside of a list.
   *
   * @throws InvalidRequestException when the text is none
   */
  public static int count(String field, String text) {
    var query = new ListQuery("");
    Long count = query.number(field, text, LARGEST_LIMIT);
    query.check();
    return count == null ? 1 : count.intValue();
  }

  public @Nullable String projectFilter(@Nullable String name) {
    if (name != null && !PROJECT.matcher(name).matches()) {
      violations.add(new Violation("project", Reason.of("project-name")));
      return null;
    }
    return copied("project", name);
  }

  /** Returns the prefix that project names must have; empty for any. */
  public String prefix(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return "";
    }
    if (!PROJECT.matcher(text).matches()) {
      violations.add(new Violation("prefix", Reason.of("project-name")));
      return "";
    }
    copied.put("prefix", text);
    return text;
  }

  public @Nullable BatchStatus status(@Nullable String text) {
    return oneOf("status", text, BatchStatus.values(), BatchStatus::text);
  }

  public @Nullable Mode mode(@Nullable String text) {
    return oneOf("mode", text, Mode.values(), Mode::text);
  }

  /** Returns the labels that a filter names, each as name:value. */
  public List<Label> labels(@Nullable List<String> texts) {
    List<Label> labels = new ArrayList<>();
    List<String> given = texts == null ? List.of() : texts;
    for (String text : given) {
      LabelsReader.filter(text)
          .ifPresentOrElse(
              labels::add, () -> violations.add(new Violation("label", Reason.of("label-filter"))));
    }
    if (given.size() > Labels.MOST) {
      violations.add(
          new Violation("label", Reason.of("too-many-labels", "max", String.valueOf(Labels.MOST))));
    }
    if (!given.isEmpty()) {
      copied(
          "label",
          given.stream()
              .map(text -> URLEncoder.encode(text, StandardCharsets.UTF_8))
              .collect(Collectors.joining("&label=")));
    }
    return labels;
  }

  /** Returns the id that a filter names, or null. */
  public @Nullable Long id(String name, @Nullable String text) {
    Long id = number(name, text, Long.MAX_VALUE);
    copied(name, id == null ? null : String.valueOf(id));
    return id;
  }

  /** Returns the text that a filter names, or null. */
  public @Nullable String text(String name, @Nullable String text) {
    copied(name, text == null ? null : URLEncoder.encode(text, StandardCharsets.UTF_8));
    return text;
  }

  public boolean flag(String name, @Nullable String text) {
    return Boolean.TRUE.equals(oneOf(name, text, new Boolean[] {true, false}, String::valueOf));
  }

  /** Returns one of several values by its text, or another one if none is given. */
  public <T> T choice(
      String name, @Nullable String given, T[] values, Function<T, String> text, T otherwise) {
    T chosen = oneOf(name, given, values, text);
    return chosen == null ? otherwise : chosen;
  }

  /** Adds a violation if a parameter is given that has no effect beside the others. */
  public void forbid(String name, @Nullable String given, String reason) {
    if (given != null) {
      violations.add(new Violation(name, Reason.of(reason)));
    }
  }

  public int limit(@Nullable String text) {
    Long limit = number("limit", text, LARGEST_LIMIT);
    if (limit == null) {
      return DEFAULT_LIMIT;
    }
    copied("limit", String.valueOf(limit));
    return limit.intValue();
  }

  /**
   * Returns the id before which the page begins, or null. The next page's path has a later one, so
   * this one is not copied to it.
   */
  public @Nullable Long before(@Nullable String text) {
    return number("before", text, Long.MAX_VALUE);
  }

  /**
   * Returns the number after which the page begins, 0 for the first page. The next page's path has
   * a later one, so this one is not copied to it.
   */
  public long after(@Nullable String text) {
    Long after = number("after", text, Long.MAX_VALUE);
    return after == null ? 0 : after;
  }

  /**
   * Reports the collected violations.
   *
   * @throws InvalidRequestException with all violations, when there are any
   */
  public void check() {
    if (!violations.isEmpty()) {
      throw new InvalidRequestException(violations);
    }
  }

  /** Returns the path of the next page, with the same filters; null after the last page. */
  public @Nullable String next(Page<?> page) {
    return next("before", page);
  }

  /** Returns the same path for a list that is paged by {@code after}. */
  public @Nullable String nextAfter(Page<?> page) {
    return next("after", page);
  }

  private @Nullable String next(String name, Page<?> page) {
    if (page.next() == null) {
      return null;
    }
    copied.put(name, String.valueOf(page.next()));
    // All values are valid in a query without further encoding.
    return copied.entrySet().stream()
        .map(value -> value.getKey() + "=" + value.getValue())
        .collect(Collectors.joining("&", path + "?", ""));
  }

  private @Nullable Long number(String name, @Nullable String text, long max) {
    if (text == null) {
      return null;
    }
    if (!NUMBER.matcher(text).matches()) {
      violations.add(new Violation(name, Reason.of("not-a-whole-number")));
      return null;
    }
    BigInteger number = new BigInteger(text);
    if (number.signum() < 1 || number.compareTo(BigInteger.valueOf(max)) > 0) {
      violations.add(
          new Violation(
              name, new Reason("out-of-range", Map.of("min", "1", "max", String.valueOf(max)))));
      return null;
    }
    return number.longValue();
  }

  private <T> @Nullable T oneOf(
      String name, @Nullable String given, T[] values, Function<T, String> text) {
    if (given == null) {
      return null;
    }
    for (T value : values) {
      if (text.apply(value).equals(given)) {
        copied(name, given);
        return value;
      }
    }
    String all = Arrays.stream(values).map(text).collect(Collectors.joining(", "));
    violations.add(new Violation(name, Reason.of("not-one-of", "values", all)));
    return null;
  }

  private @Nullable String copied(String name, @Nullable String value) {
    if (value != null) {
      copied.put(name, value);
    }
    return value;
  }
}
