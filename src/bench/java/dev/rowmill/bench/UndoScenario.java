package dev.rowmill.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.bench.WholeTableChange.Done;
import java.time.Duration;
import java.util.List;

/** Measures the cost of storing undo data, and the speed of an undo. */
final class UndoScenario implements Scenario {

  private static final Metric RATE = Metric.rate("rows/s", WholeTableChange.PLAIN);
  private static final String ONE_LANE = "batch with undo data";
  private static final String TWO_LANES = "batch with undo data, 2 lanes";
  private static final String DEFAULTS = "batch with undo data, defaults";
  private static final Metric BACK = Metric.rate("rows restored/s", "undo of a " + ONE_LANE);
  private static final Metric BYTES = Metric.cost("bytes stored a row", ONE_LANE);
  private static final Metric CPU =
      Metric.cost("CPU seconds of the service for a million rows", ONE_LANE);
  private static final int CHUNK = 5000;

  @Override
  public String name() {
    return "undo";
  }

  @Override
  public void run(Bench bench) throws Exception {
    Settings settings = bench.settings();
    try (BenchSite site = BenchSite.open(bench)) {
      WholeTableChange change = site.change("item", settings.rows());
      Rounds rounds = new Rounds(settings);
      rounds.add(
          WholeTableChange.PLAIN,
          (label, into) -> into.add(RATE, label, change.rows() / change.afterTidying().plain()));
      rounds.add(
          "batch without undo data",
          (label, into) ->
              into.add(RATE, label, change.rows() / change.afterTidying().batch(CHUNK, 1)));
      ProcessHandle service = ProcessHandle.of(site.service().pid()).orElseThrow();
      rounds.add(ONE_LANE, (label, into) -> thereAndBack(into, label, change, service, CHUNK, 1));
      rounds.add(TWO_LANES, (label, into) -> thereAndBack(into, label, change, service, CHUNK, 2));
      rounds.add(DEFAULTS, (label, into) -> thereAndBack(into, label, change, service, 0, 0));
      for (int lanes : List.of(1, 2)) {
        rounds.add(
            "JDBC loop that stores old values, " + (lanes == 1 ? "1 lane" : lanes + " lanes"),
            (label, into) ->
                into.add(
                    RATE,
                    label,
                    change.rows()
                        / change.afterTidying().loop(site.database(), CHUNK, lanes, true)));
      }
      rounds.note(
          "chunks of 5000 rows, also of the undos, except with the defaults; undos store the values"
              + " that they overwrite");
      bench.report().add(rounds.run(this, "UPDATE of two columns of every row, and its undo"));
      change.assertExact();
    }
  }

  private static void thereAndBack(
      Measurements into,
      String label,
      WholeTableChange change,
      ProcessHandle service,
      int chunkRows,
      int lanes)
      throws Exception {
    change.afterTidying();
    Duration before = cpu(service);
    Done done = change.batchThatKeeps(chunkRows, lanes);
    into.add(CPU, label, cpu(service).minus(before).toMillis() * 1e3 / change.rows());
    into.add(RATE, label, change.rows() / done.seconds());
    assertTrue(done.batch().path("undo").path("available").asBoolean(), () -> "" + done.batch());
    assertEquals(change.rows(), done.batch().path("undo").path("rows").asDouble());
    into.add(BYTES, label, done.batch().path("undo").path("bytes").asDouble() / change.rows());
    Done undo = change.afterTidying().undo(done, chunkRows, lanes);
    into.add(BACK, "undo of a " + label, change.rows() / undo.seconds());
    assertEquals(0, undo.batch().path("conflicts").asInt(-1), () -> "" + undo.batch());
  }

  /** Returns the time that all threads of a process have computed so far. */
  private static Duration cpu(ProcessHandle process) {
    return process.info().totalCpuDuration().orElseThrow();
  }
}
