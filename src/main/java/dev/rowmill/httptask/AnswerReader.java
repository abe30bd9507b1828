package dev.rowmill.httptask;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.sql.run.ExchangedTable;
import dev.rowmill.sql.run.ImageColumn;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads and checks the answer to the rows of one call, strictly. Thread-safe. */
final class AnswerReader {

  private static final int LONGEST_ERROR = 1000;

  private static final int LONGEST_QUOTE = 80;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  /** Reports an answer that is none. */
  static final class InvalidAnswerException extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidAnswerException(String message) {
      super(message);
    }
  }

  private final ExchangedTable table;

  AnswerReader(ExchangedTable table) {
    this.table = table;
  }

  /**
   * Reads an answer.
   *
   * @param body null for none
   * @param keys keys of the rows that were sent, by {@link RowFormat}
   * @return an answer for each row, in the same order
   */
  List<RowAnswer> read(byte @Nullable [] body, List<String> keys) throws InvalidAnswerException {
    RowAnswer[] answers = new RowAnswer[keys.size()];
    if (body != null) {
      Map<String, Integer> rows = new HashMap<>();
      for (int i = 0; i < answers.length; i++) {
        rows.put(keys.get(i), i);
      }
      ObjectNode answer = object(tree(body), "the answer");
      only(answer, "the answer", Set.of("update", "delete", "skip"));
      for (JsonNode item : items(answer, "update")) {
        ObjectNode update = object(item, "an item of update");
        only(update, "an item of update", Set.of("key", "set"));
        put(answers, rows, update, set(object(update.path("set"), "set")));
      }
      for (JsonNode item : items(answer, "delete")) {
        ObjectNode delete = object(item, "an item of delete");
        only(delete, "an item of delete", Set.of("key"));
        put(answers, rows, delete, new RowAnswer.Delete());
      }
      for (JsonNode item : items(answer, "skip")) {
        ObjectNode skip = object(item, "an item of skip");
        only(skip, "an item of skip", Set.of("key", "error"));
        JsonNode error = skip.path("error");
        if (!error.isTextual()) {
          throw new InvalidAnswerException("an item of skip needs an error, which is text");
        }
        put(answers, rows, skip, new RowAnswer.Reject(shortened(error.textValue(), LONGEST_ERROR)));
      }
    }
    List<RowAnswer> all = new ArrayList<>();
    for (RowAnswer answer : answers) {
      all.add(answer == null ? new RowAnswer.Unchanged() : answer);
    }
    return all;
  }

  private static JsonNode tree(byte[] body) throws InvalidAnswerException {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw new InvalidAnswerException("the answer is not valid JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new InvalidAnswerException("the answer can't be read: " + e.getMessage());
    }
  }

  private static ObjectNode object(JsonNode node, String what) throws InvalidAnswerException {
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new InvalidAnswerException(what + " is not a JSON object");
  }

  private static void only(ObjectNode object, String what, Set<String> members)
      throws InvalidAnswerException {
    for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!members.contains(name)) {
        throw new InvalidAnswerException(
            what + " has an unknown member " + shortened(name, LONGEST_QUOTE));
      }
    }
  }

  private static JsonNode items(ObjectNode answer, String name) throws InvalidAnswerException {
    JsonNode items = answer.path(name);
    if (!items.isMissingNode() && !items.isArray()) {
      throw new InvalidAnswerException(name + " is not an array");
    }
    return items;
  }

  private void put(
      RowAnswer[] answers, Map<String, Integer> rows, ObjectNode item, RowAnswer answer)
      throws InvalidAnswerException {
    ObjectNode named = object(item.path("key"), "key");
    Integer row = new RowFormat(table).key(named).map(rows::get).orElse(null);
    if (row == null) {
      throw new InvalidAnswerException(
          "the key " + shortened(named.toString(), LONGEST_QUOTE) + " is not one that was sent");
    }
    if (answers[row] != null) {
      throw new InvalidAnswerException(
          "the key " + shortened(named.toString(), LONGEST_QUOTE) + " is there twice");
    }
    answers[row] = answer;
  }

  private RowAnswer set(ObjectNode set) throws InvalidAnswerException {
    Map<ImageColumn, JsonNode> values =
        new TreeMap<>(Comparator.comparing(table.editable()::indexOf));
    for (Iterator<Map.Entry<String, JsonNode>> members = set.fields(); members.hasNext(); ) {
      Map.Entry<String, JsonNode> member = members.next();
      ImageColumn column =
          table
              .editable(member.getKey())
              .orElseThrow(
                  () ->
                      new InvalidAnswerException(
                          "set names "
                              + shortened(member.getKey(), LONGEST_QUOTE)
                              + ", which is no column of "
                              + table.writtenName()
                              + " that can be set"));
      if (values.put(column, member.getValue()) != null) {
        throw new InvalidAnswerException("set has column " + column.name() + " twice");
      }
    }
    List<ImageColumn> columns = List.copyOf(values.keySet());
    if (columns.isEmpty()) {
      throw new InvalidAnswerException("set has no columns");
    }
    byte[][] bytes = new byte[columns.size()][];
    int i = 0;
    for (Map.Entry<ImageColumn, JsonNode> value : values.entrySet()) {
      try {
        bytes[i++] = ColumnValues.bytes(value.getKey(), value.getValue());
      } catch (ColumnValues.UnfitException e) {
        return new RowAnswer.Reject(String.valueOf(e.getMessage()));
      }
    }
    return new RowAnswer.Update(columns, bytes);
  }

  private static String shortened(String text, int most) {
    return text.length() > most ? text.substring(0, most) + "…" : text;
  }
}
