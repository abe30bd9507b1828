package dev.rowmill.upload;

import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.table.TableDefinition.Column;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Describes a column of a file. Stored as JSON.
 *
 * @param name name in the file
 * @param stored name in the table of the upload
 * @param like column of the target whose type it has; null for text
 * @param type full type
 * @param charset character set; null if it is no text
 * @param collation collation; null if it is no text
 */
public record UploadColumn(
    String name,
    String stored,
    @Nullable String like,
    String type,
    @Nullable String charset,
    @Nullable String collation) {

  /** Creates a column that has the type of one of the target. */
  static UploadColumn like(String name, int number, Column column) {
    return new UploadColumn(
        name,
        stored(number),
        column.name(),
        column.fullType(),
        column.charset(),
        column.collation());
  }

  /** Creates a column of text. */
  static UploadColumn ofText(String name, int number) {
    return new UploadColumn(name, stored(number), null, "longtext", "utf8mb4", "utf8mb4_bin");
  }

  private static String stored(int number) {
    return "c" + number;
  }

  /** Returns whether it has the type of a column of the target. */
  boolean isLike(Column column) {
    return like != null
        && type.equals(column.fullType())
        && Objects.equals(charset, column.charset())
        && Objects.equals(collation, column.collation());
  }

  /** Returns its definition in the table of the upload. */
  String definition() {
    return TableName.quoted(stored)
        + " "
        + type
        + (charset == null ? "" : " CHARACTER SET " + charset + " COLLATE " + collation)
        + " NULL";
  }
}
