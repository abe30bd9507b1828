package dev.rowmill.rest.batch;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.batch.ChunkRange;
import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.Progress;
import dev.rowmill.batch.store.UndoConflicts.Conflict;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Holds the response bodies for the ranges, lanes and conflicts of a batch. */
public final class EvidencePages {

  private EvidencePages() {}

  /** Represents a page of ranges. */
  @Schema(name = "RangePage", description = "A page of a batch's ranges, in their order")
  public record RangePage(
      @Schema(
              description =
                  "One for each chunk where the batch keeps what it changes, else one for each lane")
          List<RangeBody> items,
      @Schema(
              description = "Path of the next page; null on the last",
              examples = "/api/v1/batches/42/ranges?after=57")
          @Nullable String next,
      @Schema(
              description =
                  "Rows that still match the condition: of a DELETE, or of an UPDATE that changes a"
                      + " column of its condition; null for others, where counting takes longer than"
                      + " a second, and on further pages")
          @Nullable Long residual) {}

  /** Represents a range of rows that was processed. */
  @Schema(name = "Range", description = "What was done to the rows of a range")
  public record RangeBody(
      @Schema(description = "The lane that did it") int lane,
      @Schema(description = "Cursor behind which it begins; null for the very start")
          @Nullable String from,
      @Schema(description = "Cursor of its last row", examples = "[\"1000\"]") String to,
      @Schema(description = "Rows looked at") long rowsScanned,
      @Schema(description = "Rows changed") long rowsChanged) {

    static RangeBody of(ChunkRange range) {
      return new RangeBody(
          range.lane(), range.from(), range.to(), range.rowsScanned(), range.rowsChanged());
    }
  }

  /** Represents all lanes of a batch. */
  @Schema(name = "LaneList", description = "The lanes of a batch")
  public record LaneList(@Schema(description = "By their numbers") List<LaneBody> items) {}

  /** Represents the progress of one lane. */
  @Schema(name = "Lane", description = "How far a lane has come")
  public record LaneBody(
      @Schema(description = "Its number, from 0") int lane,
      @Schema(description = "Cursor behind which it begins; null for the very start")
          @Nullable String from,
      @Schema(description = "Cursor of the last row that is done; null before the first")
          @Nullable String upTo,
      @Schema(description = "Cursor of its last row; null until it is known, or with nothing to do")
          @Nullable String end,
      @Schema(description = "Whether all of it is done") boolean done,
      @Schema(description = "Rows looked at") long rowsScanned,
      @Schema(description = "Rows changed") long rowsChanged,
      @Schema(description = "Chunks done") long chunks,
      @Schema(description = "Chunks tried again") long retries) {

    static LaneBody of(LaneState lane) {
      Progress progress = lane.progress();
      return new LaneBody(
          lane.lane(),
          lane.begin(),
          progress.chunks() == 0 ? null : lane.after(),
          lane.end(),
          lane.isDone(),
          progress.rowsScanned(),
          progress.rowsChanged(),
          progress.chunks(),
          progress.retries());
    }
  }

  /** Represents a page of conflicts. */
  @Schema(name = "ConflictPage", description = "A page of the rows that an undo did not put back")
  public record ConflictPage(
      @Schema(description = "The rows of this page") List<ConflictBody> items,
      @Schema(
              description = "Path of the next page; null on the last",
              examples = "/api/v1/batches/43/conflicts?after=57")
          @Nullable String next) {}

  /** Represents a row that an undo did not restore. */
  @Schema(name = "Conflict", description = "A row that was not put back")
  public record ConflictBody(
      @Schema(
              description = "The columns of its key, and their values as text",
              type = SchemaType.OBJECT,
              implementation = Object.class)
          JsonNode key,
      @Schema(description = "Why, in a word") String reason,
      @Schema(description = "What was found, in English") @Nullable String detail) {

    public static ConflictBody of(Conflict conflict) {
      return new ConflictBody(
          BatchBodies.json(conflict.key()), conflict.reason(), conflict.detail());
    }
  }
}
