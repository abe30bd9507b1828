package dev.rowmill.rest.batch;

import dev.rowmill.upload.Upload;
import dev.rowmill.upload.UploadColumn;
import dev.rowmill.upload.Uploads.LineError;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents an upload as callers see it. */
@RegisterForReflection
@Schema(name = "Upload", description = "A file whose lines can change a table")
public record UploadBody(
    @Schema(description = "Id, which a start names", examples = "u_9") String id,
    @Schema(description = "Project whose batches may use it", examples = "p1") String project,
    @Schema(description = "Table that it was read for", examples = "shop.item") String table,
    @Schema(
            description = "Format of the file",
            enumeration = {"csv", "ndjson"})
        String format,
    @Schema(
            description =
                "loading: the file is being received; ready: batches can use it; rejected: lines"
                    + " have errors, and no rows are stored",
            enumeration = {"loading", "ready", "rejected"})
        String status,
    @Schema(description = "Columns of the file; empty while it is loading")
        List<ColumnBody> columns,
    @Schema(description = "Number of lines without the header", examples = "1000000") long rows,
    @Schema(description = "Number of bytes that were received", examples = "52428800") long bytes,
    @Schema(description = "Number of errors, of which 10,000 are listed at most", examples = "0")
        int errors,
    @Schema(description = "Time at which it began") Instant createdAt,
    @Schema(description = "Caller that has sent it, when callers are known")
        @Nullable String createdBy,
    @Schema(description = "Time after which it is deleted") Instant expiresAt,
    @Schema(description = "Batch that has used it last", examples = "42") @Nullable Long batch) {

  /** Represents a column of a file. */
  @Schema(name = "UploadColumn", description = "A column of a file")
  public record ColumnBody(
      @Schema(description = "Name in the file", examples = "old_price") String name,
      @Schema(description = "Type that its values have", examples = "decimal(10,2)") String type,
      @Schema(
              description = "Column of the table whose type it has; null for text",
              examples = "price")
          @Nullable String column) {

    private static ColumnBody of(UploadColumn column) {
      return new ColumnBody(column.name(), column.type(), column.like());
    }
  }

  /** Represents a page of uploads. */
  @Schema(name = "UploadPage", description = "A page of uploads, newest first")
  public record UploadPage(
      @Schema(description = "Uploads of this page") List<UploadBody> items,
      @Schema(description = "Path of the next page; null on the last") @Nullable String next) {}

  /** Represents a line that was rejected. */
  @Schema(name = "UploadError", description = "A line with an error")
  public record ErrorBody(
      @Schema(description = "Number of the line in the file, from 1", examples = "17") long line,
      @Schema(
              description = "What is wrong, in English",
              examples = "column price: \"1.005\" has more than 2 digits after the point")
          String message) {

    static ErrorBody of(LineError error) {
      return new ErrorBody(error.line(), error.message());
    }
  }

  /** Represents a page of errors. */
  @Schema(name = "UploadErrorPage", description = "A page of errors, in the order of the lines")
  public record ErrorPage(
      @Schema(description = "Errors of this page") List<ErrorBody> items,
      @Schema(description = "Path of the next page; null on the last") @Nullable String next) {}

  /** Returns the path of an upload. */
  static String path(Upload upload) {
    return "/api/v1/uploads/" + upload.name();
  }

  static UploadBody of(Upload upload) {
    return new UploadBody(
        upload.name(),
        upload.project(),
        upload.tableName(),
        upload.format().text(),
        upload.status().text(),
        upload.columns().stream().map(ColumnBody::of).toList(),
        upload.lines(),
        upload.bytes(),
        upload.errors(),
        upload.createdAt(),
        upload.createdBy(),
        upload.expiresAt(),
        upload.batch());
  }
}
