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
 * A batch that a node runs, and how it goes, as the node's row has it in JSON.
 *
 * @param threads longest first; one at least
 * @param hold what holds it back
 * @param pace null before it is known
 */
@RegisterForReflection
record NodeRun(
    long batch,
    String project,
    List<WorkingThread> threads,
    @Nullable Hold hold,
    @Nullable Pace pace) {

  /** A thread of it. */
  @RegisterForReflection
  record WorkingThread(Instant since, @Nullable Instant stuckSince) {}

  /** Its {@link Speed}. */
  @RegisterForReflection
  record Pace(double rowsPerSecond, @Nullable Double lately, @Nullable Long lastChunkMicros) {

    static Pace of(Speed speed) {
      return new Pace(
          speed.rowsPerSecond(),
          speed.lately().isPresent() ? speed.lately().getAsDouble() : null,
          speed.lastChunk().map(took -> took.toNanos() / 1_000).orElse(null));
    }

    private Speed speed() {
      return new Speed(
          rowsPerSecond,
          lately == null ? OptionalDouble.empty() : OptionalDouble.of(lately),
          Optional.ofNullable(lastChunkMicros).map(micros -> Duration.ofNanos(micros * 1_000)));
    }
  }

  /** When its first thread began. */
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
