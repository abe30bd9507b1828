package dev.rowmill.startup;

import dev.rowmill.cli.Cli;
import dev.rowmill.sample.DemoCommand;
import dev.rowmill.security.TokenFileException;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.QuarkusBindException;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.quarkus.runtime.util.ExceptionUtil;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Starts the service: first the database, then all parts that need it.
 *
 * <p>Without arguments, and with {@code serve}, it runs only the service. With {@code demo} it also
 * runs the demonstration. The service continues afterwards, or ends with {@code --once}. All other
 * arguments are client commands, which run without the service.
 */
@QuarkusMain
public final class Main {

  private static final String DEMO = "demo";

  /** Lists the command lines that start the service. */
  private static final Set<List<String>> SERVICE =
      Set.of(List.of(), List.of("serve"), List.of(DEMO), List.of(DEMO, "--once"));

  Main() {}

  public static void main(String... args) {
    if (!SERVICE.contains(List.of(args))) {
      // A client of a service, which this process does not start.
      System.exit(Cli.run(args));
    }
    // In a jar of one file, nothing has set it before.
    System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
    try {
      StartupAuth.prepare();
      StartupDatabase.prepare();
    } catch (RuntimeException e) {
      if (LaunchMode.current().isDevOrTest()) {
        throw e;
      }
      System.err.println(e.getMessage());
      System.exit(1);
    }
    boolean demo = args.length > 0 && args[0].equals(DEMO);
    @Nullable Class<? extends QuarkusApplication> application = demo ? DemoCommand.class : null;
    if (LaunchMode.current().isDevOrTest()) {
      Quarkus.run(application, args);
    } else {
      Quarkus.run(application, Main::end, args);
    }
  }

  /**
   * Ends the process as the platform does by default, but reports database errors in a sentence.
   */
  private static void end(int status, @Nullable Throwable error) {
    if (error != null) {
      Optional<String> database = StartupDatabase.explain(error);
      if (database.isPresent()) {
        System.err.println(database.get());
      } else if (cause(error, TokenFileException.class) instanceof TokenFileException file) {
        System.err.println(file.getMessage());
      } else if (ExceptionUtil.getRootCause(error) instanceof QuarkusBindException taken) {
        System.err.printf(
            "Can't listen on %s:%d: it is in use, or not an address of this machine. Set"
                + " QUARKUS_HTTP_PORT or QUARKUS_HTTP_HOST.%n",
            taken.getHost(), taken.getPort());
      } else {
        System.err.println("Rowmill stops because of an error:");
        error.printStackTrace();
      }
    }
    System.exit(status);
  }

  private static @Nullable Throwable cause(Throwable error, Class<? extends Throwable> type) {
    Throwable cause = error;
    while (cause != null && !type.isInstance(cause)) {
      cause = cause.getCause();
    }
    return cause;
  }
}
