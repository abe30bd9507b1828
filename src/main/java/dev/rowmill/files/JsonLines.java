package dev.rowmill.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads NDJSON: an object per line, with the same members as the first. Numbers keep their digits.
 * The members of an object within it have names with a point, such as {@code key.id}. Empty lines
 * are left out.
 */
final class JsonLines implements LineReader {

  private final Utf8Reader text;
  private final int longest;
  private final JsonFactory factory;
  private final Map<String, Integer> positions = new LinkedHashMap<>();
  private long number;
  private @Nullable Line first;

  /** Holds what is wrong with a member of the current line. */
  private @Nullable String bad;

  /**
   * @param longest maximum number of characters of a line
   */
  JsonLines(Utf8Reader text, int longest) throws IOException {
    this.text = text;
    this.longest = longest;
    factory =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxStringLength(longest)
                    .maxNumberLength(1000)
                    .maxNestingDepth(2)
                    .build())
            .build();
    Map<String, @Nullable String> object = object();
    if (object == null) {
      throw new BrokenFileException(1, "the file is empty");
    }
    if (object.isEmpty()) {
      throw new BrokenFileException(number, "the line has no members");
    }
    object.keySet().forEach(name -> positions.put(name, positions.size()));
    first = line(object);
  }

  @Override
  public List<String> columns() {
    return List.copyOf(positions.keySet());
  }

  @Override
  public @Nullable Line next() throws IOException {
    Line known = first;
    first = null;
    if (known != null) {
      return known;
    }
    Map<String, @Nullable String> object = object();
    return object == null ? null : line(object);
  }

  private Line line(Map<String, @Nullable String> object) {
    @Nullable String[] values = new String[positions.size()];
    List<String> unknown = new ArrayList<>();
    object.forEach(
        (name, value) -> {
          Integer position = positions.get(name);
          if (position == null) {
            unknown.add(name);
          } else {
            values[position] = value;
          }
        });
    String problem = bad;
    if (problem != null) {
      return new Line(number, values, problem);
    }
    if (!unknown.isEmpty()) {
      problem = "the first line has no member " + shown(unknown);
    } else if (object.size() < positions.size()) {
      problem =
          "the line lacks "
              + shown(
                  positions.keySet().stream().filter(name -> !object.containsKey(name)).toList());
    }
    return new Line(number, values, problem);
  }

  private static String shown(Collection<String> names) {
    return String.join(", ", names);
  }

  private @Nullable Map<String, @Nullable String> object() throws IOException {
    String line;
    do {
      number++;
      line = text.readLine(longest, number);
    } while (line != null && line.isBlank());
    if (line == null) {
      return null;
    }
    bad = null;
    try (JsonParser parser = factory.createParser(line)) {
      Map<String, @Nullable String> members = new LinkedHashMap<>();
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new BrokenFileException(number, "the line is no JSON object");
      }
      members(parser, "", members);
      if (parser.nextToken() != null) {
        throw new BrokenFileException(number, "the line has more than one JSON object");
      }
      return members;
    } catch (JsonProcessingException e) {
      throw new BrokenFileException(
          number, "the line is not valid JSON: " + e.getOriginalMessage());
    }
  }

  private void members(JsonParser parser, String prefix, Map<String, @Nullable String> into)
      throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = prefix + parser.currentName();
      JsonToken value = parser.nextToken();
      if (value == JsonToken.START_OBJECT) {
        members(parser, name + ".", into);
      } else if (value == JsonToken.START_ARRAY) {
        throw new BrokenFileException(number, "the member " + name + " is an array");
      } else if (into.containsKey(name)) {
        bad = "the member " + name + " is there twice";
      } else {
        String text = value == JsonToken.VALUE_NULL ? null : parser.getText();
        if (text != null && !isWellFormed(text)) {
          bad = "the member " + name + " has half of a surrogate pair, which is no character";
        }
        if (into.size() == MOST_COLUMNS) {
          throw new BrokenFileException(
              number, "the line has more than " + MOST_COLUMNS + " members");
        }
        into.put(name, text);
      }
    }
  }

  private static boolean isWellFormed(String text) {
    return text.codePoints()
        .noneMatch(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE);
  }
}
