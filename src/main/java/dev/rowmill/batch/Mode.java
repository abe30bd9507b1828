package dev.rowmill.batch;

import java.util.Locale;

/** Lists how a batch may run at the same time as batches of other projects. */
public enum Mode {
  /** Runs in parallel with all others, while the pool has a thread. */
  PARALLEL,
  /** Runs alone among the serial batches, in the order of submission. */
  SERIAL;

  /** Returns the name of the mode in the API. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
