package dev.rowmill.upload;

import dev.rowmill.database.OwnTables;
import dev.rowmill.files.FileFormat;
import dev.rowmill.sql.parse.TableName;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Represents a file that was read into a table of its own.
 *
 * @param table table that the file was read for, with its schema
 * @param lines number of lines, without the header
 * @param bytes number of bytes of the file
 * @param errors number of errors
 * @param uniqueColumns its columns that are known to be unique together, separated by commas; null
 *     if none were checked
 * @param batch batch that has used it last; null for none
 */
public record Upload(
    long id,
    String project,
    TableName table,
    FileFormat format,
    Status status,
    List<UploadColumn> columns,
    long lines,
    long bytes,
    int errors,
    Instant createdAt,
    @Nullable String createdBy,
    Instant seenAt,
    Instant expiresAt,
    @Nullable String uniqueColumns,
    @Nullable Long batch) {

  private static final Pattern NAME = Pattern.compile("u_([1-9][0-9]{0,17})");

  /** Represents the status of an upload. */
  public enum Status {
    /** Means that its file is being received. */
    LOADING,
    READY,
    /** Means that its file has errors, and that no batch can use it. */
    REJECTED,
    /** Means that its rows are being deleted. Callers do not see it. */
    DELETED;

    /** Returns the name that callers see. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Returns the name of the table that the file was read for, with its schema. */
  public String tableName() {
    return table.written();
  }

  /** Returns the name that callers see. */
  public String name() {
    return "u_" + id;
  }

  /** Returns the number of a name; empty if it is none. */
  public static Optional<Long> number(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches() ? Optional.of(Long.valueOf(matcher.group(1))) : Optional.empty();
  }

  /** Returns the name of the table with the rows of an upload, in Rowmill's schema. */
  static String rowsTable(long id) {
    return OwnTables.UPLOADED + id;
  }
}
