package dev.rowmill.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the rows of a Parquet file as lines of CSV would have them, with bytes in Base64. */
final class ParquetLines implements LineReader {

  private final ParquetReader rows;
  private final List<ParquetReader.Column> columns;

  ParquetLines(ParquetReader rows) {
    this.rows = rows;
    columns = rows.columns();
  }

  @Override
  public List<String> columns() {
    return columns.stream().map(ParquetReader.Column::name).toList();
  }

  @Override
  public @Nullable Line next() throws IOException {
    byte[] @Nullable [] row = rows.next();
    if (row == null) {
      return null;
    }
    @Nullable String[] values = new String[row.length];
    for (int i = 0; i < row.length; i++) {
      byte[] value = row[i];
      if (value != null) {
        values[i] =
            columns.get(i).bytes()
                ? Base64.getEncoder().encodeToString(value)
                : new String(value, StandardCharsets.UTF_8);
      }
    }
    return new Line(rows.row(), values, null);
  }
}
