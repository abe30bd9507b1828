package dev.rowmill.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Describes one batch: its request, and the requests during its run. Immutable.
 *
 * @param number number of the batch in the run, from 0
 * @param lanes number of lanes; 0 when the service chooses it
 * @param add number that it adds to each value
 * @param but group of rows that it leaves out
 * @param undoes whether it undoes the previous batch, if that is possible
 * @param pauses milliseconds after which it is paused, each time
 * @param cancel milliseconds after which it is cancelled; -1 for never
 * @param twice whether its start is repeated at a second node, with the same key
 */
record BatchPlan(
    int number,
    boolean serial,
    int lanes,
    int chunkRows,
    int rowsPerSecond,
    int add,
    int but,
    boolean keep,
    boolean undoes,
    List<Integer> pauses,
    int cancel,
    boolean twice) {

  /**
   * Counts the groups that a batch may name: one more than exist, so that some batches leave none
   * out.
   */
  private static final int GROUPS = 6;

  /** Creates a random batch. Chooses a rate at which it lasts for some seconds, if time permits. */
  static BatchPlan of(ChaosSettings settings, int number) {
    int rows = settings.rows();
    var random = new Random(settings.seed() * 31 + number);
    boolean serial = random.nextInt(5) == 0;
    int share = settings.seconds() * settings.projects() / settings.batches();
    int seconds =
        serial ? 1 + random.nextInt(2) : 2 + random.nextInt(Math.max(1, Math.min(25, share / 2)));
    List<Integer> pauses = new ArrayList<>();
    for (int i = random.nextInt(4) - 1; i > 0; i--) {
      pauses.add(random.nextInt(2500));
    }
    return new BatchPlan(
        number,
        serial,
        lanes(random),
        Math.max(10, rows / (50 + random.nextInt(100))),
        Math.max(50, rows / seconds),
        random.nextInt(1000),
        random.nextInt(GROUPS),
        random.nextInt(3) > 0,
        random.nextInt(5) == 0,
        List.copyOf(pauses),
        random.nextInt(7) == 0 ? random.nextInt(1000 * seconds) : -1,
        random.nextInt(4) == 0);
  }

  /** Chooses one lane, an automatic number, or two to four. */
  private static int lanes(Random random) {
    int kind = random.nextInt(3);
    return kind < 2 ? kind : 2 + random.nextInt(3);
  }

  /** Creates a batch without further requests, which runs when its node is killed. */
  static BatchPlan steady(ChaosSettings settings, int number) {
    int rows = settings.rows();
    var random = new Random(settings.seed() * 31 + number);
    return new BatchPlan(
        number,
        false,
        1,
        Math.max(10, rows / 200),
        Math.max(50, rows / (20 + random.nextInt(20))),
        random.nextInt(1000),
        random.nextInt(GROUPS),
        random.nextBoolean(),
        false,
        List.of(),
        -1,
        false);
  }
}
