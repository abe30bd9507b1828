package dev.rowmill.cli;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Holds the options of a command that starts a batch and may wait for its end. */
@RegisterForReflection
final class WaitOptions {

  @Option(
      names = {"-w", "--wait"},
      description = "Wait for the end of the batch.")
  private boolean wait;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      converter = Durations.class,
      description = "Limit the wait, such as 90s, 10m or 2h; the batch continues.")
  private @Nullable Duration timeout;

  /** Returns whether to wait; a timeout says so too. */
  boolean isWanted() {
    return wait || timeout != null;
  }

  @Nullable Duration timeout() {
    return timeout;
  }
}
