package dev.rowmill;

import dev.rowmill.sample.DemoCommand;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.util.Arrays;

/**
 * Starts the service: first the database, then everything that needs it.
 *
 * <p>No arguments: the service alone. {@code demo}: the demonstration beside it, which leaves the
 * service running, or ends it with {@code --once}.
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
      StartupDatabase.prepare();
    } catch (RuntimeException e) {
      if (LaunchMode.current().isDevOrTest()) {
        throw e;
      }
      System.err.println(e.getMessage());
      System.exit(1);
    }
    if (demo) {
      Quarkus.run(DemoCommand.class, rest);
    } else {
      Quarkus.run(rest);
    }
  }
}
