package dev.rowmill.rest.batch;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.batch.ChunkRange;
import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.Progress;
import dev.rowmill.batch.store.SkippedRows.Skipped;
import dev.rowmill.batch.store.UndoConflicts.Conflict;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Holds the response bodies for the ranges, lanes, conflicts and skipped rows of a batch. */
public final class EvidencePages {

  private EvidencePages() {}

  /** Represents a page of ranges. */
  @Schema(
      name = "RangePage",
      description = "A page of a batch's ranges, in the order of their commits")
  public record RangePage(
      @Schema(
              description =
                  "One range for each chunk when the batch stores undo data, otherwise one for each"
                      + " lane")
          List<RangeBody> items,
      @Schema(
              description = "Path of the next page; null on the last",
              examples = "/api/v1/batches/42/ranges?after=57")
          @Nullable String next,
      @Schema(
              description =
                  "Rows that still match the condition, for a DELETE or for an UPDATE that changes"
                      + " a column of its condition. null for other statements, when counting takes"
                      + " longer than a second, and on further pages")
          @Nullable Long residual) {}

  /** Represents a range of rows that was processed. */
  @Schema(name = "Range", description = "A range of rows that was processed")
  public record RangeBody(
      @Schema(description = "Number of the lane that processed the range") int lane,
      @Schema(description = "Cursor after which it begins; null for the very beginning")
          @Nullable String from,
      @Schema(description = "Cursor of its last row", examples = "[\"1000\"]") String to,
      @Schema(description = "Rows scanned") long rowsScanned,
      @Schema(description = "Rows changed") long rowsChanged,
      @Schema(description = "Rows that rejected their change and were passed over")
          long rowsSkipped) {

    static RangeBody of(ChunkRange range) {
      return new RangeBody(
          range.lane(),
          range.from(),
          range.to(),
          range.rowsScanned(),
          range.rowsChanged(),
          range.rowsSkipped());
    }
  }

  /** Represents all lanes of a batch. */
  @Schema(name = "LaneList", description = "The lanes of a batch")
  public record LaneList(
      @Schema(description = "Lanes in the order of their numbers") List<LaneBody> items) {}

  /** Represents the progress of one lane. */
  @Schema(name = "Lane", description = "Progress of a lane")
  public record LaneBody(
      @Schema(description = "Number of the lane, from 0") int lane,
      @Schema(description = "Cursor after which it begins; null for the very beginning")
          @Nullable String from,
      @Schema(
              description =
                  "Cursor of the last row that was processed; null before the first chunk")
          @Nullable String upTo,
      @Schema(
              description =
                  "Cursor of its last row; null until it is known, or when the lane is empty")
          @Nullable String end,
      @Schema(description = "Whether the lane is complete") boolean done,
      @Schema(description = "Rows scanned") long rowsScanned,
      @Schema(description = "Rows changed") long rowsChanged,
      @Schema(description = "Rows that rejected their change and were passed over")
          long rowsSkipped,
      @Schema(description = "Completed chunks") long chunks,
      @Schema(description = "Retries of chunks") long retries) {

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
          progress.rowsSkipped(),
          progress.chunks(),
          progress.retries());
    }
  }

  /** Represents a page of conflicts. */
  @Schema(name = "ConflictPage", description = "A page of the rows that an undo did not restore")
  public record ConflictPage(
      @Schema(description = "Conflicts of this page") List<ConflictBody> items,
      @Schema(
              description = "Path of the next page; null on the last",
              examples = "/api/v1/batches/43/conflicts?after=57")
          @Nullable String next) {}

  /** Represents a row that an undo did not restore. */
  @Schema(name = "Conflict", description = "A row that an undo did not restore")
  public record ConflictBody(
      @Schema(description = "Key of the row: its columns, with their values as text") JsonNode key,
      @Schema(description = "Code of the reason", examples = "changed") String reason,
      @Schema(description = "Details, in English") @Nullable String detail) {

    public static ConflictBody of(Conflict conflict) {
      return new ConflictBody(
          BatchBodies.json(conflict.key()), conflict.reason(), conflict.detail());
    }
  }

  /** Represents a page of rows that were passed over. */
  @Schema(name = "SkippedPage", description = "A page of the rows that a batch passed over")
  public record SkippedPage(
      @Schema(description = "Rows of this page") List<SkippedBody> items,
      @Schema(
              description = "Path of the next page; null on the last",
              examples = "/api/v1/batches/42/skipped?after=57")
          @Nullable String next) {}

  /** Represents a row that rejected its change and was passed over. */
  @Schema(
      name = "SkippedRow",
      description = "A row that rejected its change, and was noted and passed over")
  public record SkippedBody(
      @Schema(description = "Key of the row: its columns, with their values as text") JsonNode key,
      @Schema(description = "Error number of the server", examples = "1062") int errorCode,
      @Schema(description = "SQLSTATE of the error", examples = "23000") @Nullable String sqlState,
      @Schema(
              description = "Message of the server, with secret values as ******",
              examples = "Out of range value for column 'price'")
          String message,
      @Schema(description = "Lane that met the row") int lane,
      @Schema(
              description =
                  "Cursor after which the chunk of the row begins; null for the very beginning")
          @Nullable String from,
      @Schema(description = "Cursor of the last row of that chunk", examples = "[\"1000\"]")
          String to,
      @Schema(
              description =
                  "Batch that has processed the row again; null while no batch over skipped rows"
                      + " has",
              examples = "43")
          @Nullable Long retriedBy) {

    static SkippedBody of(Skipped row) {
      return new SkippedBody(
          BatchBodies.json(row.key()),
          row.error(),
          row.sqlState(),
          row.message(),
          row.lane(),
          row.from(),
          row.to(),
          row.retriedBy());
    }
  }
}
