package dev.rowmill.archive;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.export.ExportParameters;
import dev.rowmill.files.FileFormat;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.statement.SqlParameters;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * Holds the parameters of an {@link ArchiveTask}.
 *
 * @param table table whose rows are moved, with its schema
 * @param where condition for the rows, with {@code :name} for a value; null for all rows
 * @param to destination of the rows
 * @param missingTable what to do if an archive table does not exist; null to reject the start
 * @param children tables whose rows are moved along with the rows that they refer to
 * @param parameters values of the condition, as in {@link SqlParameters}
 */
public record ArchiveParameters(
    @NotNull @Size(min = 1, max = LONGEST_NAME) String table,
    @Size(min = 1) @Nullable String where,
    @NotNull @Valid Target to,
    @Nullable MissingTable missingTable,
    @Size(max = 20) List<@NotNull @Valid Child> children,
    Map<String, @Nullable Object> parameters) {

  /** Limits the characters of a name: two names of 64 characters, their quotes and a dot. */
  private static final int LONGEST_NAME = 261;

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final java.util.regex.Pattern NAME =
      java.util.regex.Pattern.compile(
          "\\s*(?:(?:`((?:[^`]|``)+)`|([^`.\\s]+))\\.)?(?:`((?:[^`]|``)+)`|([^`.\\s]+))\\s*");

  public ArchiveParameters(
      String table,
      @Nullable String where,
      Target to,
      @Nullable MissingTable missingTable,
      @Nullable List<Child> children,
      @Nullable Map<String, @Nullable Object> parameters) {
    this.table = table;
    this.where = where;
    this.to = to;
    this.missingTable = missingTable;
    this.children = children == null ? List.of() : List.copyOf(children);
    this.parameters =
        parameters == null
            ? Map.of()
            : Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
  }

  /**
   * Represents the destination of rows. Exactly one of table and files is given.
   *
   * @param table archive table, with its schema
   * @param files place and format of files
   */
  public record Target(
      @Size(min = 1, max = LONGEST_NAME) @Nullable String table, @Valid @Nullable Files files) {}

  /**
   * Represents files. Exactly one of directory and bucket is given.
   *
   * @param format name of a {@link FileFormat}
   * @param directory path below the configured directory
   * @param bucket name of a bucket
   * @param prefix first part of the names in the bucket; null for none
   */
  public record Files(
      @NotNull @Pattern(regexp = "csv|ndjson|parquet") String format,
      @Pattern(regexp = ExportParameters.PATH) @Size(max = 500) @Nullable String directory,
      @Size(max = 63) @Nullable String bucket,
      @Pattern(regexp = ExportParameters.PATH) @Size(max = 500) @Nullable String prefix) {

    ExportParameters.To place() {
      return new ExportParameters.To(directory, bucket, prefix);
    }

    FileFormat fileFormat() {
      return FileFormat.of(format);
    }
  }

  /** Represents the action for an archive table that does not exist. */
  public enum MissingTable {
    /** Creates it with the columns and indexes of the table whose rows it gets. */
    @JsonProperty("create")
    CREATE,
    /** Rejects the start. */
    @JsonProperty("reject")
    REJECT
  }

  /**
   * Represents a table whose rows refer to rows of the archived table.
   *
   * @param table name with its schema
   * @param by column with the key of the archived table's row
   * @param to destination; null for a table of the same name in the schema of the archive table
   */
  public record Child(
      @NotNull @Size(min = 1, max = LONGEST_NAME) String table,
      @NotNull @Size(min = 1, max = 64) String by,
      @Valid @Nullable Target to) {}

  /** Returns the table that a text names, with backticks or without; empty if it names none. */
  static Optional<TableName> name(String text) {
    Matcher matcher = NAME.matcher(text);
    return matcher.matches()
        ? Optional.of(
            new TableName(
                part(matcher.group(1), matcher.group(2)),
                String.valueOf(part(matcher.group(3), matcher.group(4)))))
        : Optional.empty();
  }

  private static @Nullable String part(@Nullable String quoted, @Nullable String plain) {
    return quoted == null ? plain : quoted.replace("``", "`");
  }

  /**
   * Returns the parameters that move the rows of an archive back.
   *
   * @param archive JSON object of the parameters of an archive
   */
  public static String reversed(String archive) {
    try {
      JsonNode given = JSON.readTree(archive);
      ObjectNode back = given.deepCopy();
      back.remove("missingTable");
      back.set("table", given.at("/to/table"));
      back.putObject("to").set("table", given.path("table"));
      ArrayNode children = back.putArray("children");
      String schema = name(given.at("/to/table").asText()).map(TableName::schema).orElse(null);
      for (JsonNode child : given.path("children")) {
        String table = child.path("table").asText();
        JsonNode to = child.at("/to/table");
        String from =
            to.isTextual()
                ? to.asText()
                : new TableName(schema, name(table).map(TableName::name).orElse(table)).quoted();
        ObjectNode reversed = children.addObject().put("table", from);
        reversed.set("by", child.path("by"));
        reversed.putObject("to").put("table", table);
      }
      return back.toString();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the parameters of an archive", e);
    }
  }

  /** Returns what violates the rules of the parameters, by their paths. */
  Map<String, String> violations() {
    Map<String, String> found = new LinkedHashMap<>();
    if ((to.table() == null) == (to.files() == null)) {
      found.put("to", "give either table or files");
    }
    if (to.files() != null && missingTable != null) {
      found.put("missingTable", "is only for archive tables");
    }
    for (int i = 0; i < children.size(); i++) {
      Target of = children.get(i).to();
      if (of != null && (of.table() == null || of.files() != null)) {
        found.put("children[" + i + "].to", "give table");
      } else if (of != null && to.files() != null) {
        found.put("children[" + i + "].to", "leave it out: the rows go to the same files");
      }
    }
    return found;
  }

  /** Returns whether the rows of an archive were written to files. */
  public static boolean isToFiles(String archive) {
    try {
      return JSON.readTree(archive).at("/to/files").isObject();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the parameters of an archive", e);
    }
  }

  /** Returns the parameters that a batch stores as JSON. */
  static ArchiveParameters of(String archive) {
    try {
      return JSON.readValue(archive, ArchiveParameters.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the parameters of an archive", e);
    }
  }

  boolean creates() {
    return missingTable == MissingTable.CREATE;
  }

  /**
   * Returns the statement that deletes the rows.
   *
   * @param source the table
   */
  SqlParameters statement(TableName source) {
    // The condition may end with a comment.
    String condition = where == null ? "" : " WHERE (" + where + "\n)";
    return new SqlParameters("DELETE FROM " + source.quoted() + condition, parameters, null);
  }
}
