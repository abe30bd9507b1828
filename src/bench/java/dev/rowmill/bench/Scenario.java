package dev.rowmill.bench;

/** Measures one feature, and compares it with common alternatives. */
interface Scenario {

  /** Returns the name for {@code -Dtesting.bench.only=…}. */
  String name();

  /**
   * Measures, verifies the changes, and adds the results to the report. Leaves nothing running; the
   * caller drops the schemas.
   */
  void run(Bench bench) throws Exception;
}
