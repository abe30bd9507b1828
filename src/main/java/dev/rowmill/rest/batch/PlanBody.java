package dev.rowmill.rest.batch;

import com.fasterxml.jackson.databind.JsonNode;
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
        "What a start would do. For a task in Java only its parameters are checked: what is told of"
            + " statements is null")
public record PlanBody(
    @Schema(description = "For a start with this plan; can't be guessed") String id,
    @Schema(description = "The project that it belongs to", examples = "p1") String project,
    @Schema(
            description = "What sort of work it is for",
            enumeration = {"sql", "task"})
        String kind,
    @Schema(description = "When it was made") Instant createdAt,
    @Schema(description = "Until when a start can ask for it") Instant expiresAt,
    @Schema(description = "SHA-256 of the tables' definition: columns, indexes, triggers, keys")
        @Nullable String fingerprint,
    @Nullable StatementBody statement,
    @Nullable KeyBody key,
    @Nullable RangesBody ranges,
    @Nullable CountBody rowsTotal,
    @Nullable CountBody rowsMatching,
    @Schema(description = "How many chunks there will be, about") @Nullable Long chunks,
    @Schema(
            description =
                "Milliseconds that the batch will take, by the chunks of this table's last batches;"
                    + " null when there are none")
        @Nullable Long estimatedMillis,
    @Schema(
            description = "The server's plan for one chunk's statement, a row for each table",
            implementation = Object[].class)
        @Nullable List<Map<String, @Nullable Object>> explain,
    @Schema(description = "What may not be expected of it") List<WarningBody> warnings,
    @Schema(
            description =
                "Up to 20 of the rows, before and after, computed by the server on a temporary table"
                    + " that no trigger watches")
        @Nullable List<RowBody> sample,
    @Nullable UndoBody undo) {

  /** Represents the statement of one chunk. */
  @RegisterForReflection
  @Schema(name = "PlanStatement", description = "The statement as it will run on a key range")
  public record StatementBody(
      @Schema(description = "With a question mark for each value") String sql,
      @Schema(
              description = "The values, those of one of the ranges last",
              implementation = Object[].class)
          List<@Nullable Object> parameters) {}

  /** Represents the unique index whose order the batch follows. */
  @RegisterForReflection
  @Schema(name = "PlanKey", description = "The unique index that the rows are walked along")
  public record KeyBody(
      @Schema(description = "Its name", examples = "PRIMARY") String name,
      @Schema(description = "Its columns, in order") List<String> columns,
      @Schema(description = "Why that one") String reason) {}

  /** Represents the ranges of the first and the last chunk. */
  @RegisterForReflection
  @Schema(name = "PlanRanges", description = "The first and the last chunk's range, as of now")
  public record RangesBody(@Nullable RangeBody first, @Nullable RangeBody last) {}

  /** Represents the key range of one chunk. */
  @RegisterForReflection
  @Schema(name = "PlanRange", description = "A range of the key, one text for each column")
  public record RangeBody(
      @Schema(
              description = "The last key that is not in it; null at the very start",
              implementation = String[].class)
          @Nullable JsonNode after,
      @Schema(description = "The last key that is in it", implementation = String[].class)
          JsonNode upTo) {}

  /** Represents a number of rows, counted or estimated. */
  @RegisterForReflection
  @Schema(name = "PlanCount", description = "A number of rows")
  public record CountBody(
      @Schema(description = "How many") long rows,
      @Schema(
              description = "exact: counted; estimate: by the server, as counting took too long",
              enumeration = {"exact", "estimate"})
          String precision) {}

  /** Represents a warning about a start with this plan. */
  @RegisterForReflection
  @Schema(name = "PlanWarning", description = "Something that may not be expected")
  public record WarningBody(
      @Schema(description = "The same in each language", examples = "no-index") String code,
      @Schema(description = "In the language of Accept-Language") String message) {}

  /** Represents a row of the sample, before and after the change. */
  @RegisterForReflection
  @Schema(
      name = "PlanRow",
      description =
          "A row by its columns: numbers as numbers, dates and JSON as text, what is binary in"
              + " hexadecimal; text is cut after 1000 characters, with … behind it")
  public record RowBody(
      @Schema(
              description = "As it is; null for a row that comes",
              type = SchemaType.OBJECT,
              implementation = Object.class)
          @Nullable Map<String, @Nullable Object> before,
      @Schema(
              description =
                  "As it will be; null for a row that goes, and where the server can't compute it,"
                      + " which a warning tells. Of a row that comes, an AUTO_INCREMENT column is"
                      + " null",
              type = SchemaType.OBJECT,
              implementation = Object.class)
          @Nullable Map<String, @Nullable Object> after) {}

  /** Represents whether the batch could be undone, and the undo data that this needs. */
  @RegisterForReflection
  @Schema(name = "PlanUndo", description = "What it takes to be able to undo the batch")
  public record UndoBody(
      @Schema(description = "Whether what the batch changes can be put back") boolean available,
      @Schema(description = "Why not") List<String> reasons,
      @Schema(description = "Rows that are kept for it, about") long rows,
      @Schema(description = "Bytes that they take, about") long bytes,
      @Schema(description = "Whether there is room for them") boolean fits,
      @Schema(description = "Bytes that are left of rowmill.undo.max-bytes") long roomBytes) {}
}
