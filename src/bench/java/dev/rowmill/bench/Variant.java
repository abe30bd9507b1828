package dev.rowmill.bench;

/** Represents one way to do the work of a scenario, measured alternately with the others. */
interface Variant {

  /**
   * Does the work once.
   *
   * @param label label of this variant
   * @param into receives the measurements
   * @throws SkippedException when it can't be done here
   */
  void measure(String label, Measurements into) throws Exception;
}
