package dev.rowmill.files;

import dev.rowmill.changes.CsvText;
import dev.rowmill.changes.ReadableColumn;
import dev.rowmill.sql.run.ImageColumn;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes a line of CSV per row, in the format of downloaded changes, after a header line. */
final class CsvRows implements RowWriter {

  private final OutputStream out;
  private final List<ReadableColumn> columns;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  CsvRows(OutputStream out, List<ImageColumn> columns) throws IOException {
    this.out = out;
    this.columns = columns.stream().map(ReadableColumn::new).toList();
    for (int i = 0; i < this.columns.size(); i++) {
      separate(i);
      CsvText.field(line, this.columns.get(i).name().getBytes(StandardCharsets.UTF_8));
    }
    endLine();
  }

  @Override
  public void write(byte[][] values) throws IOException {
    for (int i = 0; i < values.length; i++) {
      separate(i);
      CsvText.field(line, columns.get(i).text(values[i]));
    }
    endLine();
  }

  private void separate(int column) {
    if (column > 0) {
      line.write(',');
    }
  }

  private void endLine() throws IOException {
    CsvText.endLine(line);
    line.writeTo(out);
    line.reset();
  }

  @Override
  public void finish() {}
}
