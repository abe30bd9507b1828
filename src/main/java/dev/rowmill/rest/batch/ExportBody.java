package dev.rowmill.rest.batch;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonRootName;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchWork;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.export.ExportTask;
import dev.rowmill.files.FileFormat;
import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.Unaudited;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the body of a request to export rows. */
@RegisterForReflection
public record ExportBody(
    @Schema(
            description =
                "One SELECT of columns of one table, with :names for parameters; :project is bound"
                    + " to the path's project")
        @Size(min = 1, max = 65_536)
        @NotNull
        @Unaudited
        @Nullable String select,
    @Schema(description = "Values of the named parameters") @Unaudited
        @Nullable ObjectNode parameters,
    @Schema(description = "Format of the files") @NotNull @Nullable FileFormat format,
    @Schema(description = "Place of the files: a directory or a bucket") @NotNull
        @Nullable Target to,
    @Schema(description = "What to do when the server can't read a row")
        OnErrorBody.@Nullable Request onError,
    @JsonUnwrapped StartBody.Manner manner) {

  /** Sets the rows of a chunk, each of which becomes a file, if the request does not. */
  private static final int PART_ROWS = 100_000;

  /** Represents the place of the files. */
  @JsonRootName("ExportTarget")
  @JsonClassDescription("Place of the files: a directory or a bucket")
  public record Target(
      @Schema(description = "Path below the directory of the service", example = "daily/items")
          @Size(min = 1, max = 500)
          @Nullable String directory,
      @Schema(description = "Name of an S3 bucket that the service may write to")
          @Size(min = 1, max = 63)
          @Nullable String bucket,
      @Schema(description = "First part of the names in the bucket") @Size(min = 1, max = 500)
          @Nullable String prefix) {}

  /**
   * Reads the body.
   *
   * @throws InvalidRequestException with all violations of the body
   */
  static ExportBody read(JsonBody body) {
    ExportBody read = BodyReader.read(body, ExportBody.class);
    read.manner.check(body);
    if (read.onError != null) {
      read.onError.problem().ifPresent(reason -> body.violation("onError.maxSkipped", reason));
    }
    body.check();
    return read;
  }

  /** Returns a request with the export as its work, and these members over its own. */
  StartRequest over(StartRequest base) {
    BatchSpec spec = base.spec();
    BatchSettings settings = spec.settings();
    return manner.over(
        base.with(
            new BatchSpec(
                spec.project(),
                BatchWork.task(ExportTask.NAME, task().toString()),
                spec.mode(),
                ofParts(settings),
                onError == null ? spec.safeguards() : spec.safeguards().with(onError.rules()),
                spec.submission())));
  }

  /** Returns settings for a batch whose chunks are files. */
  static BatchSettings ofParts(BatchSettings base) {
    return new BatchSettings(PART_ROWS, null, base.lanes(), base.limits());
  }

  private ObjectNode task() {
    ObjectNode task = JsonNodeFactory.instance.objectNode().put("select", select);
    if (parameters != null) {
      task.set("values", parameters);
    }
    if (format != null) {
      task.put("format", format.text());
    }
    if (to != null) {
      task.putObject("to")
          .put("directory", to.directory())
          .put("bucket", to.bucket())
          .put("prefix", to.prefix());
    }
    return task;
  }
}
