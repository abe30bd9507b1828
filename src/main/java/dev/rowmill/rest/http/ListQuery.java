package dev.rowmill.rest.http;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.Page;
import dev.rowmill.rest.http.InvalidRequestException.Violation;
import dev.rowmill.task.Refusal.Reason;
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
 * Reads the query of a list, and says where its next page is. Everything that is wrong is told at
 * once, by {@link #check()}. For one thread.
 */
public final class ListQuery {

  private static final Pattern PROJECT = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");
  private static final int DEFAULT_LIMIT = 50;
  private static final int LARGEST_LIMIT = 500;

  private final String path;
  private final Map<String, String> kept = new LinkedHashMap<>();
  private final List<Violation> violations = new ArrayList<>();

  /**
   * @param path of the list, from the root
   */
  public ListQuery(String path) {
    this.path = path;
  }

  /**
   * @throws InvalidRequestException when the name is none that a project can have
   */
  public static String project(String name) {
    // These two are steps in a path, which no client would send as they are.
    if (!PROJECT.matcher(name).matches() || name.equals(".") || name.equals("..")) {
      throw new InvalidRequestException("project", Reason.of("project-name"));
    }
    return name;
  }

  /**
   * @throws InvalidRequestException when the text is no whole number of seconds
   */
  public static Duration seconds(String field, String text) {
    return Prefer.seconds(text)
        .orElseThrow(() -> new InvalidRequestException(field, Reason.of("not-a-whole-number")));
  }

  /**
   * @throws InvalidRequestException when the text is neither true nor false
   */
  public static boolean bool(String field, String text) {
    var query = new ListQuery("");
    boolean value = query.flag(field, text);
    query.check();
    return value;
  }

  public @Nullable String projectFilter(@Nullable String name) {
    if (name != null && !PROJECT.matcher(name).matches()) {
      violations.add(new Violation("project", Reason.of("project-name")));
      return null;
    }
    return keep("project", name);
  }

  /** With what the names of projects begin; empty for any. */
  public String prefix(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return "";
    }
    if (!PROJECT.matcher(text).matches()) {
      violations.add(new Violation("prefix", Reason.of("project-name")));
      return "";
    }
    kept.put("prefix", text);
    return text;
  }

  public @Nullable BatchStatus status(@Nullable String text) {
    return oneOf("status", text, BatchStatus.values(), BatchStatus::text);
  }

  public @Nullable Mode mode(@Nullable String text) {
    return oneOf("mode", text, Mode.values(), Mode::text);
  }

  /** Any id. */
  public @Nullable Long id(String name, @Nullable String text) {
    Long id = number(name, text, Long.MAX_VALUE);
    keep(name, id == null ? null : String.valueOf(id));
    return id;
  }

  /** Any text. */
  public @Nullable String text(String name, @Nullable String text) {
    keep(name, text == null ? null : URLEncoder.encode(text, StandardCharsets.UTF_8));
    return text;
  }

  public boolean flag(String name, @Nullable String text) {
    return Boolean.TRUE.equals(oneOf(name, text, new Boolean[] {true, false}, String::valueOf));
  }

  public int limit(@Nullable String text) {
    Long limit = number("limit", text, LARGEST_LIMIT);
    if (limit == null) {
      return DEFAULT_LIMIT;
    }
    keep("limit", String.valueOf(limit));
    return limit.intValue();
  }

  /** Not kept: the next page begins elsewhere. */
  public @Nullable Long before(@Nullable String text) {
    return number("before", text, Long.MAX_VALUE);
  }

  /** Where a page that goes on begins, 0 for the first; not kept: the next one begins elsewhere. */
  public long after(@Nullable String text) {
    Long after = number("after", text, Long.MAX_VALUE);
    return after == null ? 0 : after;
  }

  /**
   * @throws InvalidRequestException when a value was bad
   */
  public void check() {
    if (!violations.isEmpty()) {
      throw new InvalidRequestException(violations);
    }
  }

  /** The path of the next page, with the same filters; null after the last. */
  public @Nullable String next(Page<?> page) {
    return next("before", page);
  }

  /** The same of a list that goes on after a number. */
  public @Nullable String nextAfter(Page<?> page) {
    return next("after", page);
  }

  private @Nullable String next(String name, Page<?> page) {
    if (page.next() == null) {
      return null;
    }
    kept.put(name, String.valueOf(page.next()));
    // All values are of characters that a query may hold as they are.
    return kept.entrySet().stream()
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
    long number = Long.parseLong(text);
    if (number < 1 || number > max) {
      violations.add(
          new Violation(
              name, new Reason("out-of-range", Map.of("min", "1", "max", String.valueOf(max)))));
      return null;
    }
    return number;
  }

  private <T> @Nullable T oneOf(
      String name, @Nullable String given, T[] values, Function<T, String> text) {
    if (given == null) {
      return null;
    }
    for (T value : values) {
      if (text.apply(value).equals(given)) {
        keep(name, given);
        return value;
      }
    }
    String all = Arrays.stream(values).map(text).collect(Collectors.joining(", "));
    violations.add(new Violation(name, Reason.of("not-one-of", "values", all)));
    return null;
  }

  private @Nullable String keep(String name, @Nullable String value) {
    if (value != null) {
      kept.put(name, value);
    }
    return value;
  }
}
