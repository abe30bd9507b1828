package dev.rowmill.rest;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Progress;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** How far a batch has come, and how fast. */
@RegisterForReflection
@Schema(name = "Progress", description = "How far a batch has come: what its finished chunks did")
record ProgressBody(
    @Schema(description = "Rows to look at; an estimate until the end, null when unknown")
        @Nullable Long rowsTotal,
    @Schema(description = "Rows looked at") long rowsScanned,
    @Schema(description = "Rows changed") long rowsChanged,
    @Schema(
            description =
                "rowsScanned of rowsTotal, rounded down; 100.0 only when the batch has succeeded")
        @Nullable Double percent,
    @Schema(description = "Rows looked at per second of the batch's time") long rowsPerSecond,
    @Schema(description = "Seconds until the end at this speed; null unless running")
        @Nullable Long etaSeconds,
    @Schema(description = "Chunks done") long chunks,
    @Schema(description = "Chunks tried again after a passing error") long retries) {

  private static final double MOST_BEFORE_THE_END = 99.9;

  static ProgressBody of(BatchView batch, Instant now) {
    Progress done = batch.progress();
    Long total = total(batch);
    long millis = millis(batch, now);
    return new ProgressBody(
        total,
        done.rowsScanned(),
        done.rowsChanged(),
        percent(batch.status(), done.rowsScanned(), total),
        millis == 0 ? 0 : scale(done.rowsScanned(), 1000, millis),
        batch.status() == BatchStatus.RUNNING ? eta(done.rowsScanned(), total, millis) : null,
        done.chunks(),
        done.retries());
  }

  /**
   * An estimate that proved too low has grown to what was seen; at the end what was seen is all.
   */
  private static @Nullable Long total(BatchView batch) {
    Long estimate = batch.progress().rowsTotal();
    long scanned = batch.progress().rowsScanned();
    if (batch.status() == BatchStatus.SUCCEEDED && (estimate == null || scanned > 0)) {
      return scanned;
    }
    return estimate == null ? null : Math.max(estimate, scanned);
  }

  private static @Nullable Double percent(BatchStatus status, long scanned, @Nullable Long total) {
    if (status == BatchStatus.SUCCEEDED) {
      return 100.0;
    }
    if (total == null) {
      return null;
    }
    double percent = total == 0 ? 0 : scale(scanned, 1000, total) / 10.0;
    return Math.min(percent, MOST_BEFORE_THE_END);
  }

  private static @Nullable Long eta(long scanned, @Nullable Long total, long millis) {
    if (total == null || scanned == 0 || millis == 0) {
      return null;
    }
    long left = scale(total - scanned, millis, scanned);
    return left / 1000 + (left % 1000 == 0 ? 0 : 1);
  }

  /** Milliseconds from the start to the end or now, 1 at least; 0 before the start. */
  private static long millis(BatchView batch, Instant now) {
    if (batch.startedAt() == null) {
      return 0;
    }
    Instant until = batch.finishedAt() == null ? now : batch.finishedAt();
    return Math.max(1, Duration.between(batch.startedAt(), until).toMillis());
  }

  /** {@code value * factor / divisor} without an overflow on the way. */
  private static long scale(long value, long factor, long divisor) {
    BigInteger scaled =
        BigInteger.valueOf(value)
            .multiply(BigInteger.valueOf(factor))
            .divide(BigInteger.valueOf(divisor));
    return scaled.bitLength() < Long.SIZE ? scaled.longValue() : Long.MAX_VALUE;
  }
}
