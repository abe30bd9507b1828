package dev.rowmill.dispatch;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.NotUndoable;
import dev.rowmill.batch.store.UndoConfig;
import dev.rowmill.task.Refusal;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** Decides whether a batch can be undone, and until when. Safe for many threads. */
@ApplicationScoped
public class UndoRules {

  private final UndoConfig config;
  private final Clock clock;

  UndoRules(UndoConfig config, Clock clock) {
    this.config = config;
    this.clock = clock;
  }

  /** Returns why a batch can't be undone now; empty when it can. */
  Optional<Refusal> refusal(BatchView batch) {
    if (!batch.status().isFinal()) {
      return Optional.of(NotUndoable.of(batch, "active"));
    } else if (batch.progress().undo().rows() == 0) {
      return Optional.of(NotUndoable.of(batch, "nothing-kept"));
    } else if (batch.undoneBy() != null) {
      return Optional.of(NotUndoable.of(batch, "undone"));
    }
    return expired(batch);
  }

  /**
   * Checks that the undo data of a batch have not been deleted.
   *
   * @throws Refusal {@code undo-expired} if they have
   */
  public void checkNotExpired(BatchView batch) {
    expired(batch)
        .ifPresent(
            refusal -> {
              throw refusal;
            });
  }

  private Optional<Refusal> expired(BatchView batch) {
    return expires(batch)
        .filter(end -> !clock.instant().isBefore(end))
        .map(
            end ->
                new Refusal(
                    "undo-expired", Map.of("batch", batch.id(), "expiredAt", end.toString())));
  }

  /**
   * Returns when the undo data of a batch expire; empty before the batch's end, or without undo
   * data.
   */
  Optional<Instant> expires(BatchView batch) {
    return batch.progress().undo().rows() == 0
        ? Optional.empty()
        : Optional.ofNullable(batch.finishedAt()).map(end -> end.plus(config.retention()));
  }
}
