package dev.rowmill.engine;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What deciding on the size of the next chunk costs. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
public class ChunkSizeJmh {

  private final ChunkSize size = new ChunkSize(5000);

  @Benchmark
  public int next() {
    size.halve(size.rows());
    size.grow();
    return size.rows();
  }
}
