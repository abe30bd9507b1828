package dev.rowmill.engine;

import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.ThrottleLimits;
import java.time.Duration;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Measures the computation of the next chunk's size. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
public class ChunkSizeJmh {

  private static final Duration TOOK = Duration.ofMillis(40);

  private final ChunkSize size =
      new ChunkSize(new BatchSettings(null, 50, 1, ThrottleLimits.NONE), null, 5000);

  @Benchmark
  public int next() {
    size.done(size.rows(), TOOK);
    return size.rows();
  }
}
