package dev.rowmill.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of a Parquet file as lines of CSV would have them, with bytes in Base64. Closes
 * the file with the reader, and if it can't be read.
 */
final class ParquetLines implements LineReader {

  private final ParquetReader rows;
  private final List<ParquetReader.Column> columns;
  private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();

  ParquetLines(FileChannel file) throws IOException {
    try {
      rows = ParquetReader.open(file);
    } catch (UnreadableFileException e) {
      throw new BrokenFileException(1, String.valueOf(e.getMessage()));
    }
    columns = rows.columns();
  }

  @Override
  public List<String> columns() {
    return columns.stream().map(ParquetReader.Column::name).toList();
  }

  @Override
  public Values values(int column) {
    return columns.get(column).bytes() ? Values.BYTES : Values.TEXT;
  }

  @Override
  public @Nullable Line next() throws IOException {
    try {
      byte[] @Nullable [] row = rows.next();
      return row == null ? null : line(row);
    } catch (UnreadableFileException e) {
      throw new BrokenFileException(Math.max(1, rows.row()), String.valueOf(e.getMessage()));
    }
  }

  private Line line(byte[][] row) {
    @Nullable String[] values = new String[row.length];
    String problem = null;
    for (int i = 0; i < row.length; i++) {
      byte[] value = row[i];
      if (value == null) {
        continue;
      }
      try {
        values[i] =
            columns.get(i).bytes()
                ? Base64.getEncoder().encodeToString(value)
                : utf8.decode(ByteBuffer.wrap(value)).toString();
      } catch (CharacterCodingException e) {
        problem = "column " + columns.get(i).name() + ": the text is not valid UTF-8";
      }
    }
    return new Line(rows.row(), values, problem);
  }

  @Override
  public void close() throws IOException {
    rows.close();
  }
}
