package dev.rowmill.httptask;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.changes.ReadableColumn;
import dev.rowmill.sql.run.ChangedRows;
import dev.rowmill.sql.run.ExchangedTable;
import dev.rowmill.sql.run.ImageColumn;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows as JSON objects, with the values of changes as NDJSON, and reads keys. Not
 * thread-safe.
 */
final class RowFormat {

  private static final JsonFactory JSON = new JsonFactory();

  /**
   * Represents a row as it is sent.
   *
   * @param key text of its key, by which an answer finds it
   * @param json JSON object in UTF-8
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Sent(String key, byte[] json) {}

  private final ExchangedTable table;

  RowFormat(ExchangedTable table) {
    this.table = table;
  }

  /** Returns rows whose text is in UTF-8, as they are sent. */
  List<Sent> sent(ChangedRows readable) {
    List<ReadableColumn> keys = readable.keys().stream().map(ReadableColumn::new).toList();
    List<ReadableColumn> columns = readable.columns().stream().map(ReadableColumn::new).toList();
    List<Sent> sent = new ArrayList<>();
    for (ChangedRows.Row row : readable.rows()) {
      StringBuilder key = new StringBuilder();
      var out = new ByteArrayOutputStream();
      try (JsonGenerator json = JSON.createGenerator(out)) {
        json.writeStartObject();
        for (int i = 0; i < keys.size(); i++) {
          byte[] text = keys.get(i).text(row.key()[i]);
          append(key, text == null ? "" : new String(text, StandardCharsets.UTF_8));
          if (!isSelected(keys.get(i))) {
            write(json, keys.get(i), text);
          }
        }
        for (int i = 0; i < columns.size(); i++) {
          write(json, columns.get(i), columns.get(i).text(row.before()[i]));
        }
        json.writeEndObject();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      sent.add(new Sent(key.toString(), out.toByteArray()));
    }
    return sent;
  }

  private boolean isSelected(ReadableColumn key) {
    return table.selected().stream().anyMatch(column -> column.name().equals(key.name()));
  }

  private static void append(StringBuilder key, String text) {
    key.append(text.length()).append(':').append(text);
  }

  private static void write(JsonGenerator json, ReadableColumn column, byte @Nullable [] text)
      throws IOException {
    json.writeFieldName(column.name());
    if (text == null) {
      json.writeNull();
    } else if (column.isNumber()) {
      json.writeNumber(new String(text, StandardCharsets.US_ASCII));
    } else {
      json.writeUTF8String(text, 0, text.length);
    }
  }

  /** Returns the text of a key that an answer names; empty if it has other members. */
  Optional<String> key(ObjectNode named) {
    StringBuilder key = new StringBuilder();
    for (ImageColumn column : table.keys()) {
      JsonNode value = named.get(column.name());
      boolean number = new ReadableColumn(column).isNumber();
      if (value == null || (number ? !value.isIntegralNumber() : !value.isTextual())) {
        return Optional.empty();
      }
      append(key, value.asText());
    }
    return named.size() == table.keys().size() ? Optional.of(key.toString()) : Optional.empty();
  }
}
