package dev.rowmill.changes;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.rowmill.batch.SecretValues;
import dev.rowmill.sql.run.ChangedRows;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes a JSON object per row. */
final class NdjsonWriter implements ChangeWriter {

  private static final JsonFactory JSON = new JsonFactory();

  private final ReadableRows readable = new ReadableRows();
  private final boolean masked;

  /**
   * @param masked whether values may be secrets, which are not shown
   */
  NdjsonWriter(boolean masked) {
    this.masked = masked;
  }

  @Override
  public void write(ByteArrayOutputStream out, long range, ChangedRows rows) {
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.setRootValueSeparator(new SerializedString(""));
      readable.of(rows);
      String change = rows.change().name().toLowerCase(Locale.ROOT);
      for (ChangedRows.Row row : rows.rows()) {
        json.writeStartObject();
        json.writeNumberField("range", range);
        json.writeStringField("change", change);
        json.writeFieldName("key");
        write(json, readable.keys(), row.key(), null);
        if (rows.change().hasBefore()) {
          json.writeFieldName("before");
          write(json, readable.columns(), row.before(), null);
        }
        if (rows.change().hasAfter()) {
          json.writeFieldName("after");
          write(json, readable.columns(), row.after(), row);
          unknown(json, row);
        }
        json.writeEndObject();
        json.writeRaw('\n');
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Writes an object with the values of columns.
   *
   * @param after row whose new values these are, of which some may be unknown
   */
  private void write(
      JsonGenerator json,
      List<ReadableColumn> columns,
      byte[] @Nullable [] values,
      ChangedRows.@Nullable Row after)
      throws IOException {
    json.writeStartObject();
    for (int i = 0; i < columns.size(); i++) {
      if (after != null && after.unknown().get(i)) {
        continue;
      }
      ReadableColumn column = columns.get(i);
      if (masked) {
        json.writeStringField(column.name(), SecretValues.MASK);
      } else {
        column.write(json, values[i]);
      }
    }
    json.writeEndObject();
  }

  private void unknown(JsonGenerator json, ChangedRows.Row row) throws IOException {
    if (!row.unknown().isEmpty()) {
      json.writeArrayFieldStart("unknown");
      for (int i = row.unknown().nextSetBit(0); i >= 0; i = row.unknown().nextSetBit(i + 1)) {
        json.writeString(readable.columns().get(i).name());
      }
      json.writeEndArray();
    }
  }
}
