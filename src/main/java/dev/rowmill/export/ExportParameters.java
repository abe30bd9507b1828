package dev.rowmill.export;

import dev.rowmill.files.FileFormat;
import dev.rowmill.sql.statement.SqlParameters;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Holds what an export writes, and where.
 *
 * @param select query for the rows
 * @param values values of its parameters
 * @param format name of a {@link FileFormat}
 */
public record ExportParameters(
    @NotNull @Size(min = 1, max = 65_536) String select,
    @Nullable Map<String, @Nullable Object> values,
    @NotNull @Pattern(regexp = "csv|ndjson|parquet") String format,
    @NotNull @Valid To to) {

  /** Matches a path of a directory, or the first part of the names in a bucket. */
  public static final String PATH = "[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*";

  /**
   * Names the place of the files. Exactly one of directory and bucket is given.
   *
   * @param directory path below the configured directory
   * @param bucket name of a bucket
   * @param prefix first part of the names in the bucket; null for none
   */
  public record To(
      @Pattern(regexp = PATH) @Size(max = 500) @Nullable String directory,
      @Size(max = 63) @Nullable String bucket,
      @Pattern(regexp = PATH) @Size(max = 500) @Nullable String prefix) {}

  SqlParameters statement() {
    return new SqlParameters(select, values, null);
  }

  FileFormat fileFormat() {
    return FileFormat.of(format);
  }
}
