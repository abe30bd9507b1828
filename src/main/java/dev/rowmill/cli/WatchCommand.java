package dev.rowmill.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows the progress of a batch until its end. */
@RegisterForReflection
@Command(
    name = "watch",
    description = "Show the progress of a batch until its end. Ctrl-C leaves the batch running.")
final class WatchCommand implements Callable<Integer> {

  private static final Duration BETWEEN_FRAMES = Duration.ofMillis(300);

  @Mixin private Session session = new Session();

  @Parameters(paramLabel = "ID", description = "Id of the batch.")
  private long id;

  @Override
  public Integer call() {
    PrintStream err = System.err;
    ProgressBar bar = new ProgressBar(err, Terminal.isError());
    BatchWait wait = new BatchWait(session.api(), null, session::say);
    String told = "";
    while (true) {
      JsonNode batch = wait.read(id, Duration.ZERO);
      String standing = standing(batch);
      if (!standing.equals(told)) {
        bar.finish();
        session.say(standing);
        told = standing;
      }
      bar.show(ProgressBar.Reading.of(batch.path("progress")));
      int exitCode = BatchWait.exitCode(batch);
      if (exitCode >= 0) {
        bar.finish();
        session.print(batch, BatchText.summary(batch));
        return exitCode;
      }
      BatchWait.sleep(BETWEEN_FRAMES);
    }
  }

  /** Returns the status, with the reason of a hold; the figures of a hold change too often. */
  private static String standing(JsonNode batch) {
    String status = batch.path("status").asText();
    String hold = batch.path("throttle").path("reason").asText("");
    return hold.isEmpty() ? status : status + ", held by " + hold;
  }
}
