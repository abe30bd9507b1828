package dev.rowmill.cli;

import io.quarkus.runtime.annotations.RegisterForReflection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Declares the commands that run the service, for help and completion. They do not run here: the
 * program starts the service before it looks at other commands.
 */
final class ServiceCommands {

  private ServiceCommands() {}

  /** Runs the service. */
  @RegisterForReflection
  @Command(name = "serve", description = "Run the service. This is the default.")
  static final class Serve {}

  /** Runs the service and the demonstration. */
  @RegisterForReflection
  @Command(
      name = "demo",
      description = "Run the service, and show a bulk change on a sample schema.")
  static final class Demo {

    @Option(names = "--once", description = "End after the demonstration.")
    private boolean once;
  }
}
