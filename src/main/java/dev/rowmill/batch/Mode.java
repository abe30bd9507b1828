package dev.rowmill.batch;

import java.util.Locale;

/** How a batch runs beside those of other projects. */
public enum Mode {
  /** Beside all others, as long as the pool has a thread. */
  PARALLEL,
  /** Never beside another serial batch; in the order of asking. */
  SERIAL;

  /** The name that callers know it by. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
