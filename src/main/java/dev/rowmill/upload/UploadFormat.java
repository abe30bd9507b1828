package dev.rowmill.upload;

import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/** Lists the formats of files. */
public enum UploadFormat {
  CSV {
    @Override
    LineReader open(InputStream file) throws IOException, BrokenFileException {
      return new CsvLines(new Utf8Reader(file));
    }
  },
  NDJSON {
    @Override
    LineReader open(InputStream file) throws IOException, BrokenFileException {
      return new JsonLines(new Utf8Reader(file));
    }
  },
  PARQUET {
    @Override
    LineReader open(InputStream file) throws IOException, BrokenFileException {
      return new ParquetLines(file);
    }
  };

  /** Returns the name that requests use. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  abstract LineReader open(InputStream file) throws IOException, BrokenFileException;
}
