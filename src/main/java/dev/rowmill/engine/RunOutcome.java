package dev.rowmill.engine;

import dev.rowmill.batch.Failure;
import dev.rowmill.batch.LaneState;
import java.util.List;

/** Represents the outcome of a run. */
public sealed interface RunOutcome {

  /**
   * Means that the end was reached.
   *
   * @param lanes as they ended; none for a plain task
   */
  record Succeeded(List<LaneState> lanes) implements RunOutcome {}

  /** Means that an error ended the run; every committed chunk stays committed. */
  record Failed(Failure failure) implements RunOutcome {}

  /** Means that a stop was requested; a later run resumes from the checkpoint. */
  record Stopped() implements RunOutcome {}

  /**
   * Means that the check did not hold, so the batch has to pause.
   *
   * @param detail one sentence with the finding, in English
   */
  record CheckFailed(String detail) implements RunOutcome {}

  /** Means that a newer run has taken over; this one stores nothing more. */
  record Overtaken() implements RunOutcome {}
}
