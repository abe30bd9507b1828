package dev.rowmill.rest.batch;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.rowmill.archive.ArchiveParameters;
import dev.rowmill.archive.FileRestoreParameters;
import dev.rowmill.archive.FileRestoreTask;
import dev.rowmill.archive.RestoreTask;
import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.BatchWork;
import dev.rowmill.batch.OnError;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.http.JsonBody;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** Represents the body of a request to move the rows of an archive back. */
@RegisterForReflection
public record RestoreBody(@JsonUnwrapped StartBody.Manner manner) {

  /**
   * Reads the body.
   *
   * @throws dev.rowmill.rest.http.InvalidRequestException with all violations of the body
   */
  static RestoreBody read(JsonBody body) {
    RestoreBody read = BodyReader.read(body, RestoreBody.class);
    read.manner.check(body);
    body.check();
    return read;
  }

  /**
   * Returns a request that moves back what the archive table has of the batch's condition, or that
   * inserts the rows of its files. Rows that the table does not accept, as when their key is taken,
   * are passed over.
   */
  StartRequest over(StartRequest base, BatchView archive) {
    BatchSpec spec = base.spec();
    String parameters = archive.spec().work().parameters();
    BatchWork work =
        ArchiveParameters.isToFiles(parameters)
            ? BatchWork.task(FileRestoreTask.NAME, FileRestoreParameters.json(archive.id()))
            : BatchWork.task(RestoreTask.NAME, ArchiveParameters.reversed(parameters));
    return manner.over(
        base.with(
            spec.with(work)
                .with(
                    spec.safeguards()
                        .confirming(true, false)
                        .with(OnError.skip(OnError.DEFAULT_MAX_SKIPPED)))));
  }
}
