package dev.rowmill.startup;

import dev.rowmill.sample.DemoCommand;
import dev.rowmill.security.TokenFileException;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.QuarkusBindException;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.quarkus.runtime.util.ExceptionUtil;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Starts the service: first the database, then all parts that need it.
 *
 * <p>Without arguments it runs only the service. With {@code demo} it also runs the demonstration.
 * The service continues afterwards, or ends with {@code --once}.
 */
@QuarkusMain
public final class Main {

  private static final String USAGE =
      """
      Usage: java -jar quarkus-run.jar [demo [--once]]
        (nothing)     run the service
        demo          run the service, and show a bulk change on a sample schema
        demo --once   the same, and end afterwards
      """;

  Main() {}

  public static void main(String... args) {
    boolean demo = args.length > 0 && args[0].equals("demo");
    String[] rest = demo ? Arrays.copyOfRange(args, 1, args.length) : args;
    if (rest.length > (demo ? 1 : 0) || (rest.length == 1 && !rest[0].equals("--once"))) {
      System.err.print(USAGE);
      System.exit(2);
    }
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
    @Nullable Class<? extends QuarkusApplication> application = demo ? DemoCommand.class : null;
    if (LaunchMode.current().isDevOrTest()) {
      Quarkus.run(application, rest);
    } else {
      Quarkus.run(application, Main::end, rest);
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
