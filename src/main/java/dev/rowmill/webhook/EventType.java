package dev.rowmill.webhook;

import java.util.Locale;

/** Lists what is reported. */
enum EventType {
  /** Reports that a batch has ended. */
  BATCH_ENDED,
  /** Reports that a batch begins to wait for an approval. */
  APPROVAL_WANTED,
  /** Reports that the start of a firing was rejected. */
  SCHEDULE_FAILED,
  /** Reports that a firing was missed, and is not made up for. */
  SCHEDULE_MISSED;

  /** Returns the name in a delivery. */
  String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '.');
  }
}
