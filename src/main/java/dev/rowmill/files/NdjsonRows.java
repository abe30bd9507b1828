package dev.rowmill.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.rowmill.changes.ReadableColumn;
import dev.rowmill.sql.run.ImageColumn;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** Writes a JSON object per row, with values in the format of downloaded changes. */
final class NdjsonRows implements RowWriter {

  private static final JsonFactory JSON =
      new JsonFactory().disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);

  private final JsonGenerator json;
  private final List<ReadableColumn> columns;

  NdjsonRows(OutputStream out, List<ImageColumn> columns) throws IOException {
    json = JSON.createGenerator(out);
    json.setRootValueSeparator(new SerializedString(""));
    this.columns = columns.stream().map(ReadableColumn::new).toList();
  }

  @Override
  public void write(byte[][] values) throws IOException {
    json.writeStartObject();
    for (int i = 0; i < values.length; i++) {
      columns.get(i).write(json, values[i]);
    }
    json.writeEndObject();
    json.writeRaw('\n');
  }

  @Override
  public void finish() throws IOException {
    json.close();
  }
}
