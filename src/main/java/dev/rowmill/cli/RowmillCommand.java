package dev.rowmill.cli;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Is the command {@code rowmill}, to which {@link Cli} adds all others. */
@RegisterForReflection
@Command(
    name = "rowmill",
    description = "Run bulk changes to MySQL and MariaDB tables in the background.",
    versionProvider = RowmillVersion.class,
    addMethodSubcommands = false,
    footerHeading = "%nExit codes:%n",
    footer = {
      "  0  done; the awaited batch has succeeded",
      "  1  the service can't be reached, or has an error",
      "  2  refused: by the service, or because of the command line; doctor has found errors",
      "  3  the awaited batch has failed or was cancelled",
      "  4  the awaited batch needs an approval, or a decision after a failed check",
      "  5  the awaited batch has not ended within the timeout"
    })
final class RowmillCommand implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help, and end.")
  private boolean help;

  @Option(names = "--version", versionHelp = true, description = "Show the version, and end.")
  private boolean version;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a command.");
  }

  @Command(
      name = "completion",
      description = "Print the completion for bash and zsh, such as for ~/.bashrc.")
  int completion() {
    spec.commandLine().getOut().print(AutoComplete.bash("rowmill", spec.commandLine()));
    spec.commandLine().getOut().flush();
    return ExitCode.SUCCEEDED;
  }

  @Command(name = "man", description = "Print the manual page.")
  int manual() {
    spec.commandLine().getOut().print(ManualPage.of(spec.commandLine()));
    spec.commandLine().getOut().flush();
    return ExitCode.SUCCEEDED;
  }

  @Command(name = "help", description = "Show the help of a command.")
  int help(
      @Parameters(arity = "0..*", paramLabel = "COMMAND", description = "The command.")
          @Nullable List<String> names) {
    CommandLine command = spec.commandLine();
    for (String name : names == null ? List.<String>of() : names) {
      CommandLine next = command.getSubcommands().get(name);
      if (next == null) {
        throw new ParameterException(spec.commandLine(), "There is no command " + name + ".");
      }
      command = next;
    }
    command.usage(spec.commandLine().getOut());
    return ExitCode.SUCCEEDED;
  }
}
