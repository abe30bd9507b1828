package dev.rowmill.cli;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Waits for the end of a batch. */
@RegisterForReflection
@Command(name = "wait", description = "Wait for the end of a batch.")
final class WaitCommand implements Callable<Integer> {

  @Mixin private Session session = new Session();

  @Parameters(paramLabel = "ID", description = "Id of the batch.")
  private long id;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      converter = Durations.class,
      description = "Limit the wait, such as 90s, 10m or 2h; the batch continues.")
  private @Nullable Duration timeout;

  @Override
  public Integer call() {
    return Ending.await(session, timeout, id);
  }
}
