package dev.rowmill.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Starts a change, and waits for its end on request. */
@RegisterForReflection
@Command(name = "start", description = "Start a change.")
final class StartCommand implements Callable<Integer> {

  @Mixin private Session session = new Session();
  @Mixin private ChangeOptions change = new ChangeOptions();
  @Mixin private WaitOptions wait = new WaitOptions();

  @Option(
      names = "--plan",
      paramLabel = "ID",
      description = "Start what a plan has shown, in place of SQL.")
  private @Nullable String plan;

  @Option(
      names = "--idempotency-key",
      paramLabel = "KEY",
      description = "A repeated start with the same key starts nothing.")
  private @Nullable String key;

  @Override
  public Integer call() {
    ChangeOptions.Change asked = change.read();
    if (plan != null) {
      asked.body().put("plan", plan);
    }
    JsonNode batch =
        session
            .api()
            .send(
                "POST",
                asked.path("batches"),
                asked.body(),
                key == null ? Map.of() : Map.of("Idempotency-Key", key));
    return Ending.report(session, wait, batch);
  }
}
