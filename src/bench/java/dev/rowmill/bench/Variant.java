package dev.rowmill.bench;

/** Represents one way to do the work of a scenario, measured alternately with the others. */
interface Variant {

  /**
   * Does the work once.
   *
   * @param label what this variant is called
   * @param into where its measurements go
   * @throws SkippedException when it can't be done here
   */
  void measure(String label, Measurements into) throws Exception;
}
