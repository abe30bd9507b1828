package dev.rowmill.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * One batch as it is asked for, and what becomes of it on the way. Immutable.
 *
 * @param number from 0 on, of all batches of a run
 * @param add what it adds to each value
 * @param but the group of rows that it leaves out
 * @param undoes whether it puts the batch before it back, where that can be
 * @param pauses after how many milliseconds it is paused, each time
 * @param cancel after how many milliseconds it is cancelled; -1 for never
 * @param twice whether it is asked for at a second node, too, with the same key
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

  /** How many groups a batch may name: one more than there are, so that some leave none out. */
  private static final int GROUPS = 6;

  /** How fast it goes is chosen so that it lasts for some seconds, as far as there is the time. */
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
        random.nextInt(3) == 0 ? 2 + random.nextInt(3) : 1,
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

  /** One that is left alone, to be under way when its node is killed. */
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
