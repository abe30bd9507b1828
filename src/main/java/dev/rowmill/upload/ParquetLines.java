package dev.rowmill.upload;

import dev.rowmill.files.ParquetReader;
import dev.rowmill.files.UnreadableFileException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads Parquet, whose rows are its lines. Its end must be read first, so the file is received into
 * a temporary one. That has no name any more once it is open, so nothing is left of it whatever
 * happens.
 */
final class ParquetLines implements LineReader {

  private static final int BUFFER = 1 << 16;

  private final ParquetReader reader;
  private final List<ParquetReader.Column> columns;
  private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();

  ParquetLines(InputStream file) throws IOException {
    FileChannel received = received(file);
    try {
      reader = ParquetReader.open(received);
    } catch (UnreadableFileException e) {
      throw new BrokenFileException(1, String.valueOf(e.getMessage()));
    }
    columns = reader.columns();
  }

  private static FileChannel received(InputStream file) throws IOException {
    FileChannel into = temporary();
    boolean complete = false;
    try {
      byte[] buffer = new byte[BUFFER];
      for (int read = file.read(buffer); read >= 0; read = file.read(buffer)) {
        write(into, ByteBuffer.wrap(buffer, 0, read));
      }
      complete = true;
      return into;
    } finally {
      if (!complete) {
        into.close();
      }
    }
  }

  private static FileChannel temporary() {
    Path path =
        Path.of(System.getProperty("java.io.tmpdir"), "rowmill-upload-" + UUID.randomUUID());
    try {
      return FileChannel.open(
          path,
          StandardOpenOption.CREATE_NEW,
          StandardOpenOption.READ,
          StandardOpenOption.WRITE,
          StandardOpenOption.DELETE_ON_CLOSE);
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary file can be made", e);
    }
  }

  private static void write(FileChannel into, ByteBuffer bytes) {
    try {
      while (bytes.hasRemaining()) {
        into.write(bytes);
      }
    } catch (IOException e) {
      // It is not the client's fault, as a failure to read would be.
      throw new UncheckedIOException("the temporary file can't be written", e);
    }
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
      byte[][] row = reader.next();
      return row == null ? null : line(row);
    } catch (UnreadableFileException e) {
      throw new BrokenFileException(Math.max(1, reader.row()), String.valueOf(e.getMessage()));
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
    return new Line(reader.row(), values, problem);
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
