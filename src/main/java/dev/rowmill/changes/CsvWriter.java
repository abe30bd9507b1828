package dev.rowmill.changes;

import dev.rowmill.batch.SecretValues;
import dev.rowmill.sql.run.ChangedRows;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a line of CSV (RFC 4180) per row. The header line comes before the first row, because its
 * columns are those of the rows. NULL is an empty field, and the empty text is a pair of quotes.
 */
final class CsvWriter implements ChangeWriter {

  private static final byte[] MASK = SecretValues.MASK.getBytes(StandardCharsets.US_ASCII);

  private final ReadableRows readable = new ReadableRows();
  private final boolean masked;
  private @Nullable List<String> names;

  /**
   * @param masked whether values may be secrets, which are not shown
   */
  CsvWriter(boolean masked) {
    this.masked = masked;
  }

  @Override
  public void write(ByteArrayOutputStream out, long range, ChangedRows rows) {
    readable.of(rows);
    header(out);
    byte[] beginning =
        (range + "," + rows.change().name().toLowerCase(Locale.ROOT))
            .getBytes(StandardCharsets.US_ASCII);
    for (ChangedRows.Row row : rows.rows()) {
      out.writeBytes(beginning);
      for (int i = 0; i < row.key().length; i++) {
        field(out, masked ? MASK : readable.keys().get(i).text(row.key()[i]));
      }
      fields(out, row.before(), rows.change().hasBefore());
      fields(out, row.after(), rows.change().hasAfter());
      out.write(',');
      out.writeBytes(unknown(row).getBytes(StandardCharsets.UTF_8));
      CsvText.endLine(out);
    }
  }

  private void header(ByteArrayOutputStream out) {
    List<String> now = new ArrayList<>();
    readable.keys().forEach(column -> now.add("key." + column.name()));
    readable.columns().forEach(column -> now.add("before." + column.name()));
    readable.columns().forEach(column -> now.add("after." + column.name()));
    if (now.equals(names)) {
      return;
    }
    if (names != null) {
      throw new IllegalStateException(
          "the table was altered between two runs of the batch, which one CSV file can't show:"
              + " request NDJSON");
    }
    names = now;
    out.writeBytes("range,change".getBytes(StandardCharsets.US_ASCII));
    now.forEach(name -> field(out, name.getBytes(StandardCharsets.UTF_8)));
    out.writeBytes(",unknown".getBytes(StandardCharsets.US_ASCII));
    CsvText.endLine(out);
  }

  private void fields(ByteArrayOutputStream out, byte[] @Nullable [] values, boolean present) {
    for (int i = 0; i < readable.columns().size(); i++) {
      byte[] text = !present ? null : masked ? MASK : readable.columns().get(i).text(values[i]);
      field(out, text);
    }
  }

  /** Returns the names of the columns whose new value is unknown, as the rest of a line. */
  private String unknown(ChangedRows.Row row) {
    if (row.unknown().isEmpty()) {
      return "";
    }
    String columns =
        IntStream.range(0, readable.columns().size())
            .filter(row.unknown()::get)
            .mapToObj(i -> readable.columns().get(i).name())
            .collect(Collectors.joining(" "));
    return '"' + columns.replace("\"", "\"\"") + '"';
  }

  private static void field(ByteArrayOutputStream out, byte @Nullable [] text) {
    out.write(',');
    CsvText.field(out, text);
  }
}
