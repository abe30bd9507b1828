package dev.rowmill.engine;

import dev.rowmill.batch.Failure;
import dev.rowmill.batch.LaneState;
import java.util.List;

/** How a run came out. */
public sealed interface Outcome {

  /**
   * The end was reached.
   *
   * @param lanes as they ended; none for a plain task
   */
  record Succeeded(List<LaneState> lanes) implements Outcome {}

  /** An error ended it; every finished chunk stays finished. */
  record Failed(Failure failure) implements Outcome {}

  /** It was asked to stop, and goes on from its checkpoint later. */
  record Stopped() implements Outcome {}

  /**
   * Its check did not hold, and so it is to pause.
   *
   * @param detail one sentence with what was found, in English
   */
  record CheckFailed(String detail) implements Outcome {}

  /** A newer run has taken over; this one has nothing more to say. */
  record Overtaken() implements Outcome {}
}
