package dev.rowmill.rest.batch;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Progress;
import dev.rowmill.progress.Speed;
import dev.rowmill.rest.http.Eta;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the progress and speed of a batch. */
@RegisterForReflection
@Schema(name = "Progress", description = "Progress of a batch, from its completed chunks")
public record ProgressBody(
    @Schema(
            description =
                "Rows to scan; an estimate until the end, null when unknown. When more were scanned"
                    + " than estimated, the number of rows scanned")
        @Nullable Long rowsTotal,
    @Schema(description = "Whether the estimate was too low, so the total is not known")
        boolean totalExceeded,
    @Schema(description = "Rows scanned") long rowsScanned,
    @Schema(description = "Rows changed") long rowsChanged,
    @Schema(
            description =
                "Rows that the server skipped because of an error that IGNORE allows, such as a"
                    + " duplicate key; 0 without IGNORE. null when the server does not report all"
                    + " of them, such as MariaDB for some statements")
        @Nullable Long rowsIgnored,
    @Schema(
            description =
                "Rows that rejected their change, and were noted and passed over, as onError: skip"
                    + " allows")
        long rowsSkipped,
    @Schema(
            description =
                "rowsScanned as a percentage of rowsTotal, rounded down; 100.0 only when the batch"
                    + " has succeeded; null when the total is not known")
        @Nullable Double percent,
    @Schema(
            description =
                "Rows scanned per second, including waits: over the last five seconds for a running"
                    + " batch, over the whole duration for an ended one; otherwise 0")
        long rowsPerSecond,
    @Schema(
            description =
                "Estimated seconds until the end, from the speed of the last minute including"
                    + " waits. null unless running, and when the total is not known or nothing was"
                    + " processed")
        @Nullable Long etaSeconds,
    @Schema(description = "Completed chunks") long chunks,
    @Schema(description = "Retries of chunks after transient errors") long retries,
    @Schema(
            description =
                "Whether the batch succeeded and its LIMIT was reached: at least as many rows"
                    + " matched as it allows")
        boolean limitReached)
    implements Eta {

  private static final double MOST_BEFORE_THE_END = 99.9;

  /**
   * Returns the progress of a batch.
   *
   * @param speed measured speed of a running batch; ignored for others
   */
  public static ProgressBody of(BatchView batch, Optional<Speed> speed, Instant now) {
    Progress done = batch.progress();
    boolean succeeded = batch.status() == BatchStatus.SUCCEEDED;
    boolean running = batch.status() == BatchStatus.RUNNING;
    Long estimate = done.rowsTotal();
    long scanned = done.rowsScanned();
    boolean exceeded = !succeeded && estimate != null && scanned > estimate;
    Long total = estimate;
    if (exceeded || (succeeded && (estimate == null || scanned > 0))) {
      total = scanned;
    }
    Long known = exceeded ? null : total;
    return new ProgressBody(
        total,
        exceeded,
        scanned,
        done.rowsChanged(),
        done.rowsIgnored(),
        done.rowsSkipped(),
        succeeded ? Double.valueOf(100) : percent(scanned, known),
        rowsPerSecond(batch, running ? speed : Optional.empty(), now),
        running && known != null
            ? eta(known - scanned, speed.map(Speed::lately).orElse(OptionalDouble.empty()))
            : null,
        done.chunks(),
        done.retries(),
        succeeded && done.limitReached());
  }

  private static @Nullable Double percent(long scanned, @Nullable Long total) {
    if (total == null) {
      return null;
    }
    double percent = total == 0 ? 0 : scale(scanned, 1000, total) / 10.0;
    return Math.min(percent, MOST_BEFORE_THE_END);
  }

  private static long rowsPerSecond(BatchView batch, Optional<Speed> speed, Instant now) {
    if (speed.isPresent()) {
      return Math.round(speed.get().rowsPerSecond());
    }
    boolean rests = !batch.status().isFinal() && batch.status() != BatchStatus.RUNNING;
    long millis = millis(batch, now);
    return rests || millis == 0 ? 0 : scale(batch.progress().rowsScanned(), 1000, millis);
  }

  private static @Nullable Long eta(long rows, OptionalDouble perSecond) {
    return perSecond.isEmpty()
        ? null
        : Long.valueOf((long) Math.ceil(rows / perSecond.getAsDouble()));
  }

  /**
   * Returns the milliseconds from the start to the end or to now, at least 1; 0 before the start.
   */
  private static long millis(BatchView batch, Instant now) {
    if (batch.startedAt() == null) {
      return 0;
    }
    Instant until = batch.finishedAt() == null ? now : batch.finishedAt();
    return Math.max(1, Duration.between(batch.startedAt(), until).toMillis());
  }

  /**
   * Returns {@code value * factor / divisor}, computed without an intermediate overflow. A result
   * that exceeds a long becomes {@code Long.MAX_VALUE}.
   */
  private static long scale(long value, long factor, long divisor) {
    BigInteger scaled =
        BigInteger.valueOf(value)
            .multiply(BigInteger.valueOf(factor))
            .divide(BigInteger.valueOf(divisor));
    return scaled.bitLength() < Long.SIZE ? scaled.longValue() : Long.MAX_VALUE;
  }
}
