package dev.rowmill.cli;

/** Defines the exit codes of the commands, on which scripts and pipelines rely. */
final class ExitCode {

  /** Reports that the command did what it was asked; a batch that it waited for has succeeded. */
  static final int SUCCEEDED = 0;

  /** Reports that the service can't be reached, or has an error of its own. */
  static final int ERROR = 1;

  /** Reports that the command line is invalid, or that the service has rejected the request. */
  static final int REFUSED = 2;

  /** Reports that the batch that the command waited for has failed or was cancelled. */
  static final int FAILED = 3;

  /** Reports that the batch needs a person: an approval, or a decision after a failed check. */
  static final int NEEDS_PERSON = 4;

  /** Reports that the batch that the command waited for has not ended within the timeout. */
  static final int TIMED_OUT = 5;

  private ExitCode() {}
}
