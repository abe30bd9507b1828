package dev.rowmill.cli;

/** Defines the exit codes of the commands, on which scripts and pipelines rely. */
final class ExitCode {

  /** The command did what it was asked; the batch that it waited for has succeeded. */
  static final int SUCCEEDED = 0;

  /** The service can't be reached, or has an error of its own. */
  static final int ERROR = 1;

  /** The command line is invalid, or the service has rejected the request. */
  static final int REFUSED = 2;

  /** The batch that the command waited for has failed or was cancelled. */
  static final int FAILED = 3;

  /** The batch that the command waited for needs an approval. */
  static final int NEEDS_APPROVAL = 4;

  /** The batch that the command waited for has not ended within the timeout. */
  static final int TIMED_OUT = 5;

  private ExitCode() {}
}
