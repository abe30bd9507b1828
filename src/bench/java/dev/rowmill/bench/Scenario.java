package dev.rowmill.bench;

/** One thing that is measured, beside what people use instead. */
interface Scenario {

  /** Its name in {@code -Dtesting.bench.only=…}. */
  String name();

  /**
   * Measures, checks that what was measured was really done, and adds what it found to the report.
   * Leaves nothing running; the schemas are dropped by the caller.
   */
  void run(Bench bench) throws Exception;
}
