package dev.rowmill.batch;

import java.util.Locale;

/** Lists how a batch runs relative to those of other projects. */
public enum Mode {
  /** Runs beside all others, as long as the pool has a free thread. */
  PARALLEL,
  /** Runs never beside another serial batch; in the order of submission. */
  SERIAL;

  /** Returns the name in the API. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
