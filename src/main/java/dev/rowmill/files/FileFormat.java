package dev.rowmill.files;

import dev.rowmill.sql.run.ImageColumn;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** Represents a format of files with rows. */
public enum FileFormat {
  /** Represents comma-separated values (RFC 4180) with a header line. */
  CSV,
  /** Represents lines of JSON objects. */
  NDJSON,
  /** Represents Apache Parquet, compressed with Snappy. */
  PARQUET;

  /** Returns the name in requests, which is the extension of its files. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the format with a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static FileFormat of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }

  /**
   * Begins a file.
   *
   * @param out is written to in small pieces, and not closed
   */
  public RowWriter open(OutputStream out, List<ImageColumn> columns) throws IOException {
    return switch (this) {
      case CSV -> new CsvRows(out, columns);
      case NDJSON -> new NdjsonRows(out, columns);
      case PARQUET -> new ParquetRows(out, columns);
    };
  }

  /**
   * Opens a file to read its rows. Reads CSV and NDJSON only. Does not close the file.
   *
   * @param longest maximum number of characters of a value in CSV, or of a line in NDJSON
   * @throws BrokenFileException if it has no first line
   */
  public LineReader read(InputStream file, int longest) throws IOException {
    return switch (this) {
      case CSV -> new CsvLines(new Utf8Reader(file), longest);
      case NDJSON -> new JsonLines(new Utf8Reader(file), longest);
      case PARQUET -> throw new UnsupportedOperationException("needs a local file");
    };
  }

  /**
   * Opens a local file to read its rows from the first. Does not close the file.
   *
   * @param longest as for {@link #read(InputStream, int)}
   */
  public LineReader read(FileChannel file, int longest) throws IOException {
    return this == PARQUET
        ? new ParquetLines(file)
        : read(Channels.newInputStream(file.position(0)), longest);
  }

  /** Returns a test whether a value of a column has a value in files of this format. */
  Predicate<byte[]> representable(ImageColumn column) {
    if (this != PARQUET) {
      return value -> true;
    }
    ParquetColumn.Value written = ParquetColumn.of(column).value();
    return value -> written.of(value) != null;
  }

  /** Returns the type that values of a column have in files of this format. */
  public String type(ImageColumn column) {
    return this == PARQUET ? ParquetColumn.of(column).type().toString() : "text";
  }
}
