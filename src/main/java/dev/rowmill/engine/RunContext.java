package dev.rowmill.engine;

import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Claim;
import dev.rowmill.batch.Failure;
import dev.rowmill.batch.Progress;
import dev.rowmill.batch.SecretValues;
import dev.rowmill.batch.store.RunStore;
import dev.rowmill.batch.store.SkippedRows.Note;
import dev.rowmill.batch.store.UndoSpace;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.RowKey;
import dev.rowmill.throttle.Thresholds;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

/**
 * Holds what every run needs, whatever its task: notifies the listeners, pauses before retries, and
 * describes failures. Safe for the threads of the run.
 *
 * @param maxAttempts maximum number of tries of one chunk
 * @param firstRows rows of the first chunk, unless a better size is known
 * @param space space that is left for undo data
 * @param bounds bounds that the run stays in
 * @param thresholds configured throttle limits
 * @param sharing what depends on other nodes
 */
record RunContext(
    Claim claim,
    RunControl control,
    Backoff backoff,
    int maxAttempts,
    int firstRows,
    UndoSpace space,
    RunBounds bounds,
    Thresholds thresholds,
    LaneSharing sharing,
    RunStore runs,
    Iterable<EngineListener> listeners) {

  private static final Logger LOG = Logger.getLogger("dev.rowmill.run");

  /**
   * Limits the number of failures that lengthen the pause while the database is unavailable: the
   * pause is then 0.8 seconds by default.
   */
  private static final int MAX_DOUBLINGS = 3;

  BatchView batch() {
    return claim.batch();
  }

  /** Returns the values that must not appear in messages and logs. */
  SecretValues secrets() {
    return batch().secrets();
  }

  /** Returns the current settings. */
  BatchSettings settings() {
    return control.settings(batch().settings());
  }

  void begins() {
    control.time().begin();
    notifyListeners(listener -> listener.begins(batch()));
  }

  void ends(@Nullable RunOutcome outcome) {
    notifyListeners(listener -> listener.ends(batch(), outcome));
  }

  void chunkDone(Progress progress, ChunkDone chunk) {
    notifyListeners(listener -> listener.chunkDone(batch(), progress, chunk));
  }

  void movedElsewhere(Progress progress) {
    notifyListeners(listener -> listener.movedElsewhere(batch(), progress));
  }

  void heldBack(String reason, Duration held) {
    notifyListeners(listener -> listener.heldBack(batch(), reason, held));
  }

  void lanesChanged(int lanes, String reason) {
    notifyListeners(listener -> listener.lanesChanged(batch(), lanes, reason));
  }

  /** Stores how long the run was held back for a reason. */
  void storeWait(String reason, Duration held) {
    runs.addWait(batch().id(), reason, held);
  }

  /**
   * @param took time from the start of the try to its error
   */
  void retried(
      int lane, DatabaseFailure sort, Throwable error, @Nullable Chunk chunk, Duration took) {
    String why = secrets().message(String.valueOf(error.getMessage()));
    withRange(chunk, () -> LOG.infof("%s, retrying: %s", sort, why));
    notifyListeners(listener -> listener.retried(batch(), lane, sort, took));
  }

  private void notifyListeners(Consumer<EngineListener> event) {
    for (EngineListener listener : listeners) {
      try {
        event.accept(listener);
      } catch (RuntimeException e) {
        LOG.warn("A listener failed; the run continues", e);
      }
    }
  }

  /**
   * Waits before the next try. Caps the pause for an unavailable database, so the work resumes soon
   * after it is available again.
   *
   * @param failuresInARow number of consecutive failures: all of them if the database is
   *     unavailable, else those that the work may have caused. So a long time without a database
   *     lengthens no other pause.
   * @param sort sort of the last failure
   * @return whether to stop instead
   */
  boolean pause(int failuresInARow, DatabaseFailure sort) throws InterruptedException {
    int doublings = sort.isAway() ? Math.min(failuresInARow, MAX_DOUBLINGS) : failuresInARow;
    return control.stop().await(backoff.pause(doublings, ThreadLocalRandom.current()));
  }

  RunOutcome overtaken(Throwable error) {
    LOG.warnf("This run stops: %s", error.getMessage());
    return new RunOutcome.Overtaken();
  }

  /** Returns the note of a row that rejects its change, without secrets. */
  Note note(RowKey row, SQLException error) {
    return new Note(
        row,
        error.getErrorCode(),
        error.getSQLState(),
        secrets().message(String.valueOf(error.getMessage())));
  }

  /** Returns the failure of the batch for its callers, and logs it with its stack trace. */
  RunOutcome failed(Throwable error, @Nullable Chunk chunk) {
    SecretValues secrets = secrets();
    withRange(
        chunk,
        () -> {
          if (secrets.isEmpty()) {
            LOG.error("The batch fails", error);
          } else {
            // Without the stack trace: its messages hold values that the server has quoted.
            LOG.errorf("The batch fails: %s", secrets.message(error.toString()));
          }
        });
    if (error instanceof Refusal refusal) {
      return new RunOutcome.Failed(Failure.of(refusal, secrets));
    }
    Map<String, Object> members = new LinkedHashMap<>();
    Optional<SQLException> sql = DatabaseFailure.sqlException(error);
    members.put("message", secrets.message(text(sql.<Throwable>map(e -> e).orElse(error))));
    if (sql.isPresent()) {
      members.put("errorCode", sql.get().getErrorCode());
      if (sql.get().getSQLState() != null) {
        members.put("sqlState", sql.get().getSQLState());
      }
    }
    // The service has failed, not the database.
    if (chunk == null || error instanceof OutOfMemoryError) {
      return new RunOutcome.Failed(new Failure("task-failed", members, List.of()));
    }
    Map<String, Object> range = new LinkedHashMap<>();
    range.put("from", chunk.after());
    range.put("to", chunk.upTo());
    range.put("rows", chunk.rows());
    members.put("chunk", range);
    return new RunOutcome.Failed(new Failure("chunk-failed", members, List.of()));
  }

  private static String text(Throwable error) {
    if (error instanceof OutOfMemoryError) {
      return "The rows of a chunk do not fit into the memory of the service ("
          + error.getMessage()
          + "); give it a larger heap (-Xmx), or start the batch with smaller chunks or with"
          + " \"undo\": false, which stores no undo data";
    }
    return error instanceof SQLException && error.getMessage() != null
        ? error.getMessage()
        : error.toString();
  }

  private static void withRange(@Nullable Chunk chunk, Runnable log) {
    if (chunk == null) {
      log.run();
      return;
    }
    MDC.put("range", "(" + chunk.after() + ", " + chunk.upTo() + "]");
    try {
      log.run();
    } finally {
      MDC.remove("range");
    }
  }
}
