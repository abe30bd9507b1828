package dev.rowmill.sql.value;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Represents a JSON document as MySQL stores it: its text, and the types that are not visible in
 * the text. For example, a DATETIME looks like a string there. The bytes are the text alone if that
 * is complete, else the text, a zero byte and the types.
 *
 * <p>The types are those of the document itself, of all members and of all elements, as JSON arrays
 * separated by bars. MySQL lists those of a container before those of the containers in it.
 */
public final class TypedJson {

  /** Lists the types that a value has when it is read from text. */
  private static final Set<String> TOLD =
      Set.of("NULL", "STRING", "INTEGER", "DOUBLE", "BOOLEAN", "OBJECT", "ARRAY");

  private static final Pattern TYPE = Pattern.compile("\"([A-Z ]+)\"|\\bnull\\b|^[A-Z ]+(?=\\|)");

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .build();

  /** Represents a value in a document. */
  private record Node(String path, String text, List<Node> members, List<Node> elements) {}

  private TypedJson() {}

  /** Returns SQL for the types in a column. */
  public static String types(String column) {
    return "CONCAT(JSON_TYPE("
        + column
        + "), '|', "
        + typesOf(column, "$**.*")
        + ", '|', "
        + typesOf(column, "$**[*]")
        + ")";
  }

  private static String typesOf(String column, String path) {
    return "COALESCE((SELECT JSON_ARRAYAGG(JSON_TYPE(`rowmill part`.`v`)) FROM JSON_TABLE("
        + column
        + ", '"
        + path
        + "' COLUMNS (`v` JSON PATH '$')) AS `rowmill part`), '')";
  }

  /**
   * Returns the bytes of a document.
   *
   * @param types result of {@link #types}; null if there are too many of them for the server
   * @throws SQLException if the server has truncated the text
   */
  public static byte @Nullable [] of(byte @Nullable [] text, @Nullable String types)
      throws SQLException {
    if (text != null && text.length == 0) {
      throw new SQLException(
          "A JSON document is larger than the server's max_allowed_packet and can't be read: set"
              + " that to more, or start the batch with \"undo\": false");
    }
    if (text == null || types == null || tellsAll(types)) {
      return text;
    }
    byte[] more = types.getBytes(StandardCharsets.US_ASCII);
    byte[] all = Arrays.copyOf(text, text.length + 1 + more.length);
    System.arraycopy(more, 0, all, text.length + 1, more.length);
    return all;
  }

  private static boolean tellsAll(String types) {
    Matcher type = TYPE.matcher(types);
    while (type.find()) {
      String name = type.group(1) == null ? type.group() : type.group(1);
      if (!name.equals("null") && !TOLD.contains(name)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns the offset of the zero byte before the types; the length if there are none. A text
   * contains no such byte.
   */
  private static int end(byte[] value) {
    for (int i = 0; i < value.length; i++) {
      if (value[i] == 0) {
        return i;
      }
    }
    return value.length;
  }

  public static byte[] text(byte[] value) {
    int end = end(value);
    return end == value.length ? value : Arrays.copyOf(value, end);
  }

  public static boolean isTyped(byte[] value) {
    return end(value) < value.length;
  }

  /**
   * Returns SQL for a document with its original types, if SQL can make such values. Binary values
   * stay the strings of the text, and a TIMESTAMP becomes a DATETIME.
   *
   * @param value value that {@link #isTyped}
   * @param document SQL for the document made from the text
   */
  public static String written(byte[] value, String document) {
    int end = end(value);
    String[] types =
        new String(value, end + 1, value.length - end - 1, StandardCharsets.US_ASCII)
            .split("\\|", -1);
    Node root = read(new String(value, 0, end, StandardCharsets.UTF_8));
    var set = new StringJoiner(", ", "JSON_SET(" + document + ", ", ")").setEmptyValue(document);
    add(set, List.of(root), List.of(types[0]));
    List<Node> members = new ArrayList<>();
    List<Node> elements = new ArrayList<>();
    list(root, members, elements);
    add(set, members, names(types[1]));
    add(set, elements, names(types[2]));
    return set.toString();
  }

  private static List<String> names(String types) {
    List<String> names = new ArrayList<>();
    Matcher type = TYPE.matcher(types);
    while (type.find()) {
      names.add(type.group(1) == null ? "NULL" : type.group(1));
    }
    return names;
  }

  private static void add(StringJoiner set, List<Node> nodes, List<String> types) {
    if (nodes.size() != types.size()) {
      throw new IllegalStateException(types.size() + " types of " + nodes.size() + " values");
    }
    for (int i = 0; i < nodes.size(); i++) {
      String cast = cast(types.get(i), nodes.get(i).text());
      if (cast != null) {
        set.add(literal(nodes.get(i).path()) + ", CAST(" + literal(nodes.get(i).text()) + cast);
      }
    }
  }

  private static @Nullable String cast(String type, String text) {
    return switch (type) {
      case "UNSIGNED INTEGER" -> " AS UNSIGNED)";
      case "DATE" -> " AS DATE)";
      case "TIME" -> " AS TIME(6))";
      case "DATETIME", "TIMESTAMP" -> " AS DATETIME(6))";
      case "DECIMAL" -> {
        int point = text.indexOf('.');
        int scale = point < 0 ? 0 : text.length() - point - 1;
        long digits = text.chars().filter(Character::isDigit).count();
        yield " AS DECIMAL(" + digits + "," + scale + "))";
      }
      default -> null;
    };
  }

  private static String literal(String text) {
    return "CONVERT(x'"
        + HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8))
        + "' USING utf8mb4)";
  }

  private static void list(Node node, List<Node> members, List<Node> elements) {
    members.addAll(node.members());
    elements.addAll(node.elements());
    node.members().forEach(each -> list(each, members, elements));
    node.elements().forEach(each -> list(each, members, elements));
  }

  private static Node read(String text) {
    try (JsonParser parser = JSON.createParser(text)) {
      parser.nextToken();
      return read(parser, "$");
    } catch (IOException e) {
      throw new IllegalStateException("a document that is no JSON", e);
    }
  }

  private static Node read(JsonParser parser, String path) throws IOException {
    List<Node> members = new ArrayList<>();
    List<Node> elements = new ArrayList<>();
    String text = "";
    switch (parser.currentToken()) {
      case START_OBJECT -> {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          var name = new StringBuilder();
          JsonStringEncoder.getInstance().quoteAsString(parser.currentName(), name);
          parser.nextToken();
          members.add(read(parser, path + ".\"" + name + "\""));
        }
      }
      case START_ARRAY -> {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          elements.add(read(parser, path + "[" + elements.size() + "]"));
        }
      }
      default -> text = parser.getText();
    }
    return new Node(path, text, members, elements);
  }
}
