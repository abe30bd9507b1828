package dev.rowmill.rest.batch;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.task.Plan;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents a plan as callers see it. */
@RegisterForReflection
@Schema(
    name = "Plan",
    description =
        "Effects of a start. For a task in Java only the parameters are checked, and the members"
            + " about statements are null")
public record PlanBody(
    @Schema(
            description = "Id for a start with this plan; can't be guessed",
            examples = "0123456789abcdef0123456789abcdef")
        String id,
    @Schema(description = "Name of the project", examples = "p1") String project,
    @Schema(
            description = "Kind of work",
            enumeration = {"sql", "task"})
        String kind,
    @Schema(description = "Time at which it was created") Instant createdAt,
    @Schema(description = "Time until which a start can use it") Instant expiresAt,
    @Schema(description = "SHA-256 of the tables' definitions: columns, indexes, triggers, keys")
        @Nullable String fingerprint,
    @Nullable StatementBody statement,
    @Nullable KeyBody key,
    @Nullable RangesBody ranges,
    @Nullable CountBody rowsTotal,
    @Nullable CountBody rowsMatching,
    @Schema(description = "Estimated number of chunks") @Nullable Long chunks,
    @Schema(
            description =
                "Estimated duration in milliseconds, based on the chunks of this table's last"
                    + " batches; null when there are none")
        @Nullable Long estimatedMillis,
    @Schema(
            description =
                "The server's execution plan for one chunk's statement, one row for each table",
            implementation = Object[].class)
        @Nullable List<Map<String, @Nullable Object>> explain,
    @Schema(description = "Warnings about unexpected effects") List<WarningBody> warnings,
    @Schema(
            description =
                "Up to 20 of the rows before and after, computed by the server on a temporary table"
                    + " without triggers")
        @Nullable List<RowBody> sample,
    @Nullable UndoBody undo,
    @Nullable LinesBody lines) {

  /** Represents the statement of one chunk. */
  @Schema(name = "PlanStatement", description = "Statement that will run on each key range")
  public record StatementBody(
      @Schema(
              description = "SQL with a question mark for each value",
              examples = "UPDATE shop.item SET price = price * ? WHERE id > ? AND id <= ?")
          String sql,
      @Schema(
              description = "Values, with the bounds of one range last",
              implementation = Object[].class)
          List<@Nullable Object> parameters) {}

  /** Represents the unique index whose order the batch follows. */
  @Schema(name = "PlanKey", description = "Unique index whose order the batch follows")
  public record KeyBody(
      @Schema(description = "Name", examples = "PRIMARY") String name,
      @Schema(description = "Columns in their order") List<String> columns,
      @Schema(description = "Why this index was chosen", examples = "The primary key")
          String reason) {}

  /** Represents the ranges of the first and the last chunk. */
  @Schema(name = "PlanRanges", description = "Ranges of the first and the last chunk, as of now")
  public record RangesBody(@Nullable RangeBody first, @Nullable RangeBody last) {}

  /** Represents the key range of one chunk. */
  @Schema(name = "PlanRange", description = "A range of the key, with one text for each column")
  public record RangeBody(
      @Schema(
              description = "Key after which the range begins; null for the very beginning",
              implementation = String[].class)
          @Nullable JsonNode after,
      @Schema(description = "Last key of the range", implementation = String[].class)
          JsonNode upTo) {}

  /** Represents a number of rows, counted or estimated. */
  @Schema(name = "PlanCount", description = "A number of rows")
  public record CountBody(
      @Schema(description = "Number of rows") long rows,
      @Schema(
              description =
                  "exact: counted; estimate: estimated by the server, because counting took too"
                      + " long",
              enumeration = {"exact", "estimate"})
          String precision) {}

  /** Represents a warning about a start with this plan. */
  @Schema(name = "PlanWarning", description = "A possibly unexpected effect")
  public record WarningBody(
      @Schema(description = "Code, the same in each language", examples = "no-index") String code,
      @Schema(
              description = "Text in the language of Accept-Language",
              examples = "No index begins with a column of the condition.")
          String message) {}

  /** Represents what the lines of an upload find. */
  @Schema(name = "PlanLines", description = "What the lines of an upload find in the table")
  public record LinesBody(
      @Schema(description = "Number of lines") long lines,
      @Schema(description = "Lines that find a row") long matched,
      @Schema(description = "Lines that find none") long missing,
      @Schema(description = "Lines with NULL in a column to match, which find none") long noKey,
      @Schema(description = "Lines whose row is not as expect requires") long unexpected,
      @Schema(description = "Lines whose row already has the values of the file") long unchanged,
      @Schema(
              description =
                  "exact: counted; estimate: estimated from the first 100,000 lines. Keys of several"
                      + " lines are rejected",
              enumeration = {"exact", "estimate"})
          String precision) {

    static @Nullable LinesBody of(Plan.@Nullable Lines lines) {
      return lines == null
          ? null
          : new LinesBody(
              lines.lines(),
              lines.matched(),
              lines.missing(),
              lines.noKey(),
              lines.unexpected(),
              lines.unchanged(),
              lines.exact() ? "exact" : "estimate");
    }
  }

  /** Represents a row of the sample, before and after the change. */
  @Schema(
      name = "PlanRow",
      description =
          "A row by its columns: numbers as numbers, dates and JSON as text, binary values in"
              + " hexadecimal; text is truncated after 1000 characters and marked with …")
  public record RowBody(
      @Schema(
              description = "Values before the change; null for an inserted row",
              type = SchemaType.OBJECT,
              implementation = Object.class)
          @Nullable Map<String, @Nullable Object> before,
      @Schema(
              description =
                  "Values after the change; null for a deleted row, or when the server can't"
                      + " compute them, which a warning reports. For an inserted row, an"
                      + " AUTO_INCREMENT column is null",
              type = SchemaType.OBJECT,
              implementation = Object.class)
          @Nullable Map<String, @Nullable Object> after) {}

  /** Represents whether the batch could be undone, and the undo data that this needs. */
  @Schema(
      name = "PlanUndo",
      description = "Whether the batch could be undone, and the undo data required")
  public record UndoBody(
      @Schema(description = "Whether the batch could be undone") boolean available,
      @Schema(description = "Reasons why it could not be undone") List<String> reasons,
      @Schema(description = "Estimated rows of the undo data") long rows,
      @Schema(description = "Estimated bytes of the undo data") long bytes,
      @Schema(description = "Whether the undo data fit in the remaining space") boolean fits,
      @Schema(description = "Bytes remaining of rowmill.undo.max-bytes") long roomBytes) {}
}
