package dev.rowmill.rest.batch;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows of a table with a note each as CSV (RFC 4180) with a header line: the columns of the
 * key as {@code key.<column>}, then those of the note. Stateless.
 */
public final class KeyedCsv {

  private static final String END_OF_LINE = "\r\n";

  /**
   * Represents one row.
   *
   * @param key the columns of its key with their values as text
   * @param note values of the note's columns; null for an empty field
   */
  public record Line(JsonNode key, List<@Nullable String> note) {

    /** Returns a line whose note has some values. */
    public static Line of(JsonNode key, @Nullable String... note) {
      return new Line(key, Arrays.asList(note));
    }
  }

  private KeyedCsv() {}

  /**
   * Returns the text.
   *
   * @param columns names of the note's columns
   */
  public static String of(List<Line> lines, List<String> columns) {
    Set<String> keys = new LinkedHashSet<>();
    lines.forEach(line -> line.key().fieldNames().forEachRemaining(keys::add));
    List<@Nullable String> header = new ArrayList<>();
    keys.forEach(column -> header.add("key." + column));
    header.addAll(columns);
    var csv = new StringBuilder(line(header));
    for (Line line : lines) {
      List<@Nullable String> fields = new ArrayList<>();
      keys.forEach(column -> fields.add(line.key().path(column).asText(null)));
      fields.addAll(line.note());
      csv.append(line(fields));
    }
    return csv.toString();
  }

  private static String line(List<@Nullable String> fields) {
    return fields.stream().map(KeyedCsv::field).collect(Collectors.joining(",", "", END_OF_LINE));
  }

  private static String field(@Nullable String text) {
    if (text == null) {
      return "";
    }
    boolean plain = text.chars().noneMatch(c -> c == '"' || c == ',' || c == '\r' || c == '\n');
    return plain && !text.isEmpty() ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
