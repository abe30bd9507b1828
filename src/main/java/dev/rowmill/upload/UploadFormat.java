package dev.rowmill.upload;

import dev.rowmill.files.FileFormat;
import dev.rowmill.files.LineReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/** Lists the formats of files. */
public enum UploadFormat {
  CSV,
  NDJSON,
  PARQUET;

  /** Limits the characters of a value in CSV, or of a line in NDJSON. */
  private static final int LONGEST = 64 << 20;

  /** Returns the name that requests use. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  LineReader open(InputStream file) throws IOException {
    FileFormat format = FileFormat.valueOf(name());
    return this == PARQUET
        ? format.read(TemporaryFile.of(file), LONGEST)
        : format.read(file, LONGEST);
  }
}
