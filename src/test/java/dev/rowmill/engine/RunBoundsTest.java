package dev.rowmill.engine;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.rowmill.batch.Bounds;
import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.Progress;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.Refusal;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests that the rows of all lanes together are compared with the maximum. */
class RunBoundsTest {

  private static final int LANES = 4;
  private static final int ROUNDS = 5_000;

  private static RunBounds bounds(long most) {
    return new RunBounds(
        new Bounds(most, null, null), Duration.ZERO, new RunTime(), Clock.systemUTC());
  }

  private static LaneState lane(int number) {
    return new LaneState(1, number, 1, true, null, null, "9", Progress.NONE);
  }

  @Test
  void the_lanes_of_a_batch_may_change_as_many_rows_as_its_maximum() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(LANES);
    try {
      List<LaneState> lanes = IntStream.range(0, LANES).mapToObj(RunBoundsTest::lane).toList();
      CyclicBarrier together = new CyclicBarrier(LANES);
      for (int round = 0; round < ROUNDS; round++) {
        LaneTable table = new LaneTable(lanes, null);
        RunBounds bounds = bounds(LANES);
        List<Callable<Progress>> chunks = new ArrayList<>();
        for (LaneState lane : lanes) {
          chunks.add(
              () -> {
                together.await();
                bounds.changed(lane.lane(), 1, table::progress);
                LaneState done = lane.after(new Chunk(null, "9", 1), 1, 0L);
                return bounds.settled(lane.lane(), () -> table.moved(done));
              });
        }
        for (Future<Progress> each : threads.invokeAll(chunks)) {
          each.get();
        }
        assertThrows(Refusal.class, () -> bounds.changed(0, 1, table::progress));
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
