package dev.rowmill.engine;

import dev.rowmill.batch.Failure;

/** How a run came out. */
public sealed interface Outcome {

  /** The end was reached, and that is proven. */
  record Succeeded() implements Outcome {}

  /** An error ended it; every finished chunk stays finished. */
  record Failed(Failure failure) implements Outcome {}

  /** It was asked to stop, and goes on from its checkpoint later. */
  record Stopped() implements Outcome {}

  /** A newer run has taken over; this one has nothing more to say. */
  record Overtaken() implements Outcome {}
}
