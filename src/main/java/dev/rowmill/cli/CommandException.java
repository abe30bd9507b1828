package dev.rowmill.cli;

/** Ends a command with a message for its caller and an exit code. */
public final class CommandException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int exitCode;

  private CommandException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** Creates the exception for an invalid request, of the command line or of a file. */
  static CommandException refused(String message) {
    return new CommandException(ExitCode.REFUSED, message);
  }

  /** Creates the exception for an error that is not the caller's. */
  static CommandException error(String message) {
    return new CommandException(ExitCode.ERROR, message);
  }

  /** Returns the exception with the name of what it is about. */
  CommandException about(String name) {
    return new CommandException(exitCode, name + ": " + text());
  }

  int exitCode() {
    return exitCode;
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
