package dev.rowmill.changes;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.database.DataQueries;
import dev.rowmill.dispatch.UndoRules;
import dev.rowmill.sql.run.ChangeScript;
import dev.rowmill.sql.run.ImageSections;
import dev.rowmill.task.Refusal;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;

/** Opens the stored changes of batches. Safe for many threads. */
@ApplicationScoped
public class BatchChanges {

  private final DataQueries data;
  private final BatchHistory history;
  private final UndoRules undoRules;

  BatchChanges(DataQueries data, BatchHistory history, UndoRules undoRules) {
    this.data = data;
    this.history = history;
    this.undoRules = undoRules;
  }

  /**
   * Returns a stream of the changes of a batch.
   *
   * @throws Refusal {@code changes-unavailable} if the batch is running, or stores no undo data, or
   *     a script or a selection by keys would reveal secrets; {@code undo-expired} if its undo data
   *     have been deleted
   */
  public ChangeStream open(BatchView batch, ChangeRequest request) {
    if (batch.status() == BatchStatus.RUNNING) {
      // Ranges of several lanes are committed in another order than that of their ids.
      throw unavailable(batch, "running");
    }
    if (batch.progress().rowsChanged() > 0 && batch.progress().undo().rows() == 0) {
      throw unavailable(batch, "nothing-kept");
    }
    undoRules.checkNotExpired(batch);
    boolean secret = hasSecrets(batch);
    if (secret && (request.format() == ChangeFormat.SQL || !request.keys().isOfAll())) {
      throw unavailable(batch, "secret");
    }
    boolean newestFirst =
        request.format() == ChangeFormat.SQL && request.direction() == ChangeScript.UNDO;
    return new ChangeStream(
        data,
        batch,
        new Selection(request.columns()),
        request.format(),
        switch (request.format()) {
          case NDJSON -> new NdjsonWriter(secret);
          case CSV -> new CsvWriter(secret);
          case SQL -> new SqlWriter(batch.id(), request.direction());
        },
        new ImageSections(newestFirst, request.keys()),
        request.after(),
        newestFirst,
        Infrastructure.getDefaultWorkerPool());
  }

  /**
   * Returns whether a batch, or the one that it undoes, has had secret parameters. Any written
   * column may contain their values.
   */
  private boolean hasSecrets(BatchView batch) {
    if (!batch.submission().secrets().isEmpty()) {
      return true;
    }
    Long undone = batch.spec().work().undoes();
    return undone != null && history.find(undone).filter(this::hasSecrets).isPresent();
  }

  private static Refusal unavailable(BatchView batch, String reason) {
    return new Refusal(
        "changes-unavailable",
        Map.of("batch", batch.id(), "status", batch.status().text(), "reason", reason));
  }
}
