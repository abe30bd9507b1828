package dev.rowmill.rest.batch;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the rows to archive, and where to, in the body of a start. */
@RegisterForReflection
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
                "create: an archive table that does not exist is created with the columns and"
                    + " indexes of the table whose rows it gets, without foreign keys",
            defaultValue = "reject")
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

  /** Represents a destination. */
  @RegisterForReflection
  public record Target(
      @Schema(description = "Table on the same server, with its schema")
          @NotNull(message = "missing-value")
          @Size(min = 1, max = LONGEST_NAME)
          @Nullable String table) {

    private ObjectNode json() {
      return JsonNodeFactory.instance.objectNode().put("table", table);
    }
  }

  /** Represents a table whose rows refer to the archived rows. */
  @RegisterForReflection
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
