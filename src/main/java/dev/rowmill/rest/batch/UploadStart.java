package dev.rowmill.rest.batch;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.task.Refusal.Reason;
import dev.rowmill.upload.UploadParameters;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the members of a start that changes a table by an uploaded file. */
@RegisterForReflection
public record UploadStart(
    @Schema(description = "Id of an upload, whose lines change a table", maxLength = 32)
        @Size(min = 1, max = 32)
        @Nullable String upload,
    @Schema(description = "For an upload: the changed table, such as shop.item")
        @Size(min = 1, max = 300)
        @Nullable String table,
    @Schema(
            description =
                "For an upload: columns of the table by which a line finds its rows. An index must"
                    + " begin with them, a unique one for insert and upsert. NULL finds no row")
        @Nullable List<String> match,
    @Schema(description = "For an upload: what happens to the rows") @JsonProperty("do")
        UploadParameters.@Nullable Do action,
    @Schema(
            description =
                "For an upload: column of the file by the column of the table that gets its value;"
                    + " by default, all columns of the same name, except those to match or to"
                    + " expect")
        @Nullable ObjectNode set,
    @Schema(
            description =
                "For an upload: column of the file by the column of the table that must have"
                    + " exactly its value. Other rows are skipped and listed")
        @Nullable ObjectNode expect) {

  private static final List<String> NEEDED = List.of("table", "match", "do");

  /** Checks rules that concern several members. */
  void check(JsonBody body) {
    if (body.has("upload")) {
      NEEDED.stream()
          .filter(name -> !body.has(name))
          .forEach(name -> body.violation(name, Reason.of("missing-value")));
      if (body.has("parameters")) {
        body.violation("parameters", Reason.of("not-with-upload"));
      }
      if (match != null && match.isEmpty()) {
        body.violation("match", Reason.of("missing-value"));
      }
      columns(body, "set", set);
      columns(body, "expect", expect);
    } else {
      Stream.concat(NEEDED.stream(), Stream.of("set", "expect"))
          .filter(body::has)
          .forEach(name -> body.violation(name, Reason.of("only-with-upload")));
    }
  }

  private static void columns(JsonBody body, String name, @Nullable ObjectNode columns) {
    if (columns != null) {
      columns.properties().stream()
          .filter(member -> !member.getValue().isTextual())
          .forEach(member -> body.violation(name + "." + member.getKey(), Reason.of("not-a-text")));
    }
  }

  /** Returns the parameters of the task. */
  ObjectNode parameters() {
    ObjectNode parameters =
        JsonNodeFactory.instance.objectNode().put("upload", upload).put("table", table);
    if (match != null) {
      match.forEach(parameters.putArray("match")::add);
    }
    if (action != null) {
      parameters.put("do", BodyReader.text(action));
    }
    if (set != null) {
      parameters.set("set", set);
    }
    if (expect != null) {
      parameters.set("expect", expect);
    }
    return parameters;
  }
}
