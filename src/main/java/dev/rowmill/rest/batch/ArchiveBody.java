package dev.rowmill.rest.batch;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonRootName;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.files.FileFormat;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.task.Refusal.Reason;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the rows to archive, and where to, in the body of a start. */
@RegisterForReflection
@JsonRootName("ArchiveRequest")
@JsonClassDescription("Which rows to move, and where to")
public record ArchiveBody(
    @Schema(description = "Table whose rows are moved, with its schema")
        @NotNull(message = "missing-value")
        @Size(min = 1, max = LONGEST_NAME)
        @Nullable String table,
    @Schema(
            description =
                "Condition for the rows, as after WHERE, with :names for parameters. Without it all"
                    + " rows are moved, which wholeTable confirms")
        @Size(min = 1, max = 65_536)
        @Nullable String where,
    @Schema(description = "Where the rows are moved to") @NotNull(message = "missing-value")
        @Nullable Target to,
    @Schema(
            description =
                "For a table: what to do when it does not exist, reject by default. create: it is"
                    + " created with the columns and indexes of the table whose rows it gets,"
                    + " without foreign keys")
        @Nullable MissingTable missingTable,
    @Schema(
            description =
                "Tables whose rows are moved in the same transaction as the rows that they refer"
                    + " to")
        @Size(max = 20)
        @Nullable List<Child> children) {

  /** Limits the characters of a name: two names of 64 characters, their quotes and a dot. */
  private static final int LONGEST_NAME = 261;

  /** Represents the action for an archive table that does not exist. */
  public enum MissingTable {
    CREATE,
    REJECT
  }

  /** Represents a destination: a table or files. */
  @RegisterForReflection
  @JsonRootName("ArchiveTarget")
  @JsonClassDescription("A destination: a table or files")
  public record Target(
      @Schema(description = "Table on the same server, with its schema")
          @Size(min = 1, max = LONGEST_NAME)
          @Nullable String table,
      @Schema(description = "Files that each chunk writes before its rows are deleted")
          @Nullable Files files) {

    private ObjectNode json() {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      if (table != null) {
        json.put("table", table);
      }
      if (files != null) {
        json.set("files", files.json());
      }
      return json;
    }
  }

  /** Represents the format and the place of files. */
  @RegisterForReflection
  @JsonRootName("ArchiveFiles")
  @JsonClassDescription("Format and place of files")
  public record Files(
      @Schema(description = "Format of the files") @NotNull(message = "missing-value")
          @Nullable FileFormat format,
      @Schema(description = "Path below the directory of the service", example = "daily/orders")
          @Size(min = 1, max = 500)
          @Nullable String directory,
      @Schema(description = "Name of an S3 bucket that the service may write to")
          @Size(min = 1, max = 63)
          @Nullable String bucket,
      @Schema(description = "First part of the names in the bucket") @Size(min = 1, max = 500)
          @Nullable String prefix) {

    private ObjectNode json() {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      if (format != null) {
        json.put("format", format.text());
      }
      return json.put("directory", directory).put("bucket", bucket).put("prefix", prefix);
    }
  }

  /** Returns whether rows are written to files. */
  boolean isToFiles() {
    return to != null && to.files() != null;
  }

  /** Adds what violates the rules between members. */
  void check(JsonBody body) {
    if (to == null) {
      return;
    }
    if ((to.table() == null) == (to.files() == null)) {
      body.violation("archive.to", Reason.of("one-of-table-and-files"));
    }
    if (!isToFiles()) {
      return;
    }
    if (missingTable != null) {
      body.violation("archive.missingTable", Reason.of("not-with-files"));
    }
    if (children != null && children.stream().anyMatch(child -> child.to() != null)) {
      body.violation("archive.children.to", Reason.of("not-with-files"));
    }
  }

  /** Represents a table whose rows refer to the archived rows. */
  @RegisterForReflection
  @JsonRootName("ArchiveChild")
  @JsonClassDescription("A table whose rows refer to the archived rows")
  public record Child(
      @Schema(description = "Name of the table, with its schema")
          @NotNull(message = "missing-value")
          @Size(min = 1, max = LONGEST_NAME)
          @Nullable String table,
      @Schema(description = "Column with the key of the archived row; it needs an index")
          @NotNull(message = "missing-value")
          @Size(min = 1, max = 64)
          @Nullable String by,
      @Schema(
              description =
                  "Where its rows are moved to; by default a table of the same name in the schema"
                      + " of the archive table")
          @Nullable Target to) {

    private ObjectNode json() {
      ObjectNode json = JsonNodeFactory.instance.objectNode().put("table", table).put("by", by);
      if (to != null) {
        json.set("to", to.json());
      }
      return json;
    }
  }

  /**
   * Returns the parameters of the task.
   *
   * @param values values of the condition's parameters
   */
  ObjectNode parameters(@Nullable ObjectNode values) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("table", table);
    if (where != null) {
      json.put("where", where);
    }
    if (to != null) {
      json.set("to", to.json());
    }
    if (missingTable != null) {
      json.put("missingTable", missingTable == MissingTable.CREATE ? "create" : "reject");
    }
    if (children != null) {
      ArrayNode all = json.putArray("children");
      children.forEach(child -> all.add(child.json()));
    }
    if (values != null) {
      json.set("parameters", values);
    }
    return json;
  }
}
