package dev.rowmill.doctor;

/**
 * Represents the result of one check. Immutable.
 *
 * @param check name of the check, such as {@code clock}
 * @param found what holds, in a sentence; without secrets
 * @param advice what to do, such as a GRANT statement; empty if all is well
 */
public record Finding(String check, Severity severity, String found, String advice) {

  /** Represents how much a finding matters. */
  public enum Severity {
    /** Means that nothing has to be done. */
    OK,
    /** Means that the service runs, but something does not work or may surprise. */
    WARNING,
    /** Means that the service does not start, or that batches do not run. */
    ERROR
  }

  /** Creates the finding of a check that has found no problem. */
  public static Finding ok(String check, String found) {
    return new Finding(check, Severity.OK, found, "");
  }

  /** Creates the finding of a problem with which the service runs. */
  public static Finding warning(String check, String found, String advice) {
    return new Finding(check, Severity.WARNING, found, advice);
  }

  /** Creates the finding of a problem with which the service does not start or batches wait. */
  public static Finding error(String check, String found, String advice) {
    return new Finding(check, Severity.ERROR, found, advice);
  }
}
