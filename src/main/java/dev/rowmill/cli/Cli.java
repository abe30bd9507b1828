package dev.rowmill.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;

/** Runs the client commands. Stateless. */
public final class Cli {

  /** Lists the commands in the order in which the help shows them. */
  private static final List<Class<?>> COMMANDS =
      List.of(
          ServiceCommands.Serve.class,
          ServiceCommands.Demo.class,
          PlanCommand.class,
          StartCommand.class,
          WaitCommand.class,
          WatchCommand.class,
          BatchCommands.ListBatches.class,
          BatchCommands.Show.class,
          BatchCommands.Pause.class,
          BatchCommands.Resume.class,
          BatchCommands.Cancel.class,
          BatchCommands.Approve.class,
          BatchCommands.Undo.class,
          BatchCommands.Retry.class,
          BatchCommands.Changes.class,
          ApplyCommand.class,
          ScheduleCommand.class,
          TokenCommand.class,
          DoctorCommand.class);

  private Cli() {}

  /**
   * Runs a command, and returns its exit code; see {@link ExitCode}.
   *
   * @param arguments the name of the command, and its arguments
   */
  public static int run(String... arguments) {
    return run(
        new PrintWriter(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8),
        new PrintWriter(System.err, false, StandardCharsets.UTF_8),
        arguments);
  }

  /** Runs a command, and returns its exit code. */
  static int run(PrintWriter out, PrintWriter err, String... arguments) {
    int exitCode =
        rowmill(arguments.length == 0 ? "" : arguments[0])
            .setOut(out)
            .setErr(err)
            .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setAbbreviatedOptionsAllowed(false)
            .setUsageHelpAutoWidth(true)
            .setExecutionExceptionHandler(Cli::failed)
            .setParameterExceptionHandler(Cli::invalid)
            .execute(arguments);
    if (out.checkError()) {
      err.println("rowmill: The output can't be written.");
      err.flush();
      return exitCode == ExitCode.SUCCEEDED ? ExitCode.ERROR : exitCode;
    }
    return exitCode;
  }

  /**
   * Returns the command line. It has only the command that is called, because picocli needs a tenth
   * of a second for all of them; for the help and for an unknown command it has all.
   */
  private static CommandLine rowmill(String called) {
    CommandLine rowmill = new CommandLine(new RowmillCommand());
    List<Class<?>> one = COMMANDS.stream().filter(it -> name(it).equals(called)).toList();
    for (Class<?> command : one.isEmpty() ? COMMANDS : one) {
      rowmill.addSubcommand(command);
    }
    if (one.isEmpty()) {
      rowmill.getCommandSpec().addMethodSubcommands();
    }
    return rowmill;
  }

  private static String name(Class<?> command) {
    return command.getAnnotation(Command.class).name();
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
