package dev.rowmill.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;

/** Runs the client commands. Stateless. */
public final class Cli {

  private Cli() {}

  /**
   * Runs a command, and returns its exit code; see {@link ExitCode}.
   *
   * @param arguments the name of the command, and its arguments
   */
  public static int run(String... arguments) {
    return run(
        new PrintWriter(System.out, false, StandardCharsets.UTF_8),
        new PrintWriter(System.err, false, StandardCharsets.UTF_8),
        arguments);
  }

  /** Runs a command, and returns its exit code. */
  static int run(PrintWriter out, PrintWriter err, String... arguments) {
    return new CommandLine(new RowmillCommand())
        .setOut(out)
        .setErr(err)
        .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setAbbreviatedOptionsAllowed(false)
        .setUsageHelpAutoWidth(true)
        .setExecutionExceptionHandler(Cli::failed)
        .setParameterExceptionHandler(Cli::invalid)
        .execute(arguments);
  }

  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
    CommandException known =
        e instanceof CommandException reported
            ? reported
            : CommandException.error(e.getMessage() == null ? e.toString() : e.getMessage());
    command.getErr().println("rowmill: " + known.text());
    command.getErr().flush();
    return known.exitCode();
  }

  private static int invalid(ParameterException e, String[] arguments) {
    PrintWriter err = e.getCommandLine().getErr();
    err.println("rowmill: " + e.getMessage());
    err.println("See " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help.");
    err.flush();
    return ExitCode.REFUSED;
  }
}
