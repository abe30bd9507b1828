package dev.rowmill.cluster;

import dev.rowmill.batch.Hold;
import dev.rowmill.dispatch.pool.PoolView;
import dev.rowmill.progress.Speed;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Represents a batch that a node runs, as JSON in the node's row.
 *
 * @param threads the longest-running first; at least one
 * @param hold reason why the batch is not progressing
 * @param pace null before it is known
 */
@RegisterForReflection
record NodeRun(
    long batch,
    String project,
    List<WorkingThread> threads,
    @Nullable Hold hold,
    @Nullable Pace pace) {

  /** Represents a thread of the run. */
  @RegisterForReflection
  record WorkingThread(Instant since, @Nullable Instant stuckSince) {}

  /** Stores the {@link Speed} of the run as JSON. */
  @RegisterForReflection
  record Pace(
      double rowsPerSecond, @Nullable Double lately, @Nullable Long lastChunkMicros, int lanes) {

    static Pace of(Speed speed) {
      return new Pace(
          speed.rowsPerSecond(),
          speed.lately().isPresent() ? speed.lately().getAsDouble() : null,
          speed.lastChunk().map(took -> took.toNanos() / 1_000).orElse(null),
          speed.lanes());
    }

    private Speed speed() {
      return new Speed(
          rowsPerSecond,
          lately == null ? OptionalDouble.empty() : OptionalDouble.of(lately),
          Optional.ofNullable(lastChunkMicros).map(micros -> Duration.ofNanos(micros * 1_000)),
          Math.max(1, lanes));
    }
  }

  /** Returns when its first thread began. */
  Instant since() {
    return threads.get(0).since;
  }

  Optional<Speed> speed() {
    return Optional.ofNullable(pace).map(Pace::speed);
  }

  Stream<PoolView.Working> working() {
    return threads.stream()
        .map(thread -> new PoolView.Working(batch, project, thread.since, thread.stuckSince));
  }
}
