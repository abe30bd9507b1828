package dev.rowmill.progress.event;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Hold;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What listeners are told. */
public sealed interface BatchEvent {

  /**
   * How everything stands that a listener hears of: the beginning of what it is told.
   *
   * @param more whether there are others that are not told of
   */
  record Snapshot(List<BatchView> batches, boolean more) implements BatchEvent {}

  /** A batch has come further, or has not for a while. */
  record Moved(BatchView batch) implements BatchEvent {}

  /**
   * A batch has come to a status.
   *
   * @param view the batch in this status; null when it has left it already, of which more is told
   */
  record Became(long batch, String project, BatchStatus status, @Nullable BatchView view)
      implements BatchEvent {}

  /**
   * A running batch is held back for another reason than before.
   *
   * @param hold null when nothing does any more
   */
  record Held(long batch, String project, @Nullable Hold hold) implements BatchEvent {}

  /** Nothing but a sign of life. */
  record Alive() implements BatchEvent {}
}
