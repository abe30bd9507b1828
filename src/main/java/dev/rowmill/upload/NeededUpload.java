package dev.rowmill.upload;

import dev.rowmill.batch.BatchWork;
import dev.rowmill.batch.store.NeededData;
import dev.rowmill.task.Refusal;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/** Keeps the upload that a batch needs from being deleted before the batch is stored. */
@ApplicationScoped
class NeededUpload implements NeededData {

  private final Uploads uploads;

  NeededUpload(Uploads uploads) {
    this.uploads = uploads;
  }

  @Override
  public void lock(Connection connection, BatchWork work) throws SQLException {
    if (!UploadTask.NAME.equals(work.task())) {
      return;
    }
    String name = UploadParameters.uploadOf(work.parameters());
    Optional<Long> id = Upload.number(name);
    if (id.isEmpty() || !uploads.keep(connection, id.get())) {
      throw new Refusal("unknown-upload", Map.of("upload", name));
    }
  }
}
