package dev.rowmill.engine;

import dev.rowmill.batch.Failure;
import dev.rowmill.batch.LaneState;
import java.util.List;

/** How a run came out. */
public sealed interface RunOutcome {

  /**
   * The end was reached.
   *
   * @param lanes as they ended; none for a plain task
   */
  record Succeeded(List<LaneState> lanes) implements RunOutcome {}

  /** An error ended it; every finished chunk stays finished. */
  record Failed(Failure failure) implements RunOutcome {}

  /** It was asked to stop, and goes on from its checkpoint later. */
  record Stopped() implements RunOutcome {}

  /**
   * Its check did not hold, and so it is to pause.
   *
   * @param detail one sentence with what was found, in English
   */
  record CheckFailed(String detail) implements RunOutcome {}

  /** A newer run has taken over; this one has nothing more to say. */
  record Overtaken() implements RunOutcome {}
}
