package dev.rowmill.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs the change files of a directory that have not run yet, in the order of their numbers. */
@RegisterForReflection
@Command(
    name = "apply",
    description = {
      "Run the change files of a directory, each once, in the order of their numbers.",
      "Waits for each batch, and stops at the first one that does not succeed. The next apply "
          + "continues that one at its checkpoint, or starts it anew when its file has changed."
    })
final class ApplyCommand implements Callable<Integer> {

  @Mixin private Session session = new Session();

  @Parameters(paramLabel = "DIR", description = "Directory with files such as 001_prices.yaml.")
  private Path directory = Path.of(".");

  @Option(
      names = "--project",
      paramLabel = "PROJECT",
      description = "Project of the files that name none.")
  private @Nullable String project;

  @Option(
      names = "--dry-run",
      description = "Print the plans of the changes that would run, and change nothing.")
  private boolean dryRun;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      converter = Durations.class,
      description = "Limit the wait for all changes, such as 90s, 10m or 2h.")
  private @Nullable Duration timeout;

  @Override
  public Integer call() {
    Map<String, ChangeOptions.Change> changes = ChangeDirectory.read(directory, project);
    AppliedChanges applied = new AppliedChanges(session.api());
    // All are checked before the first one runs.
    changes.forEach((name, change) -> applied.last(name, change, changes));
    BatchWait wait = new BatchWait(session.api(), timeout, session::say);
    int ran = 0;
    for (Map.Entry<String, ChangeOptions.Change> change : changes.entrySet()) {
      String name = change.getKey();
      JsonNode last = applied.last(name, change.getValue(), changes);
      if (AppliedChanges.isDone(last)) {
        session.say(name + ": already applied");
        continue;
      }
      if (wait.left().isZero()) {
        session.say(name + ": not started within the timeout");
        return ExitCode.TIMED_OUT;
      }
      ran++;
      try {
        int exitCode =
            dryRun
                ? plan(name, change.getValue(), last)
                : run(name, wait, applied.run(name, change.getValue(), last));
        if (exitCode != ExitCode.SUCCEEDED) {
          return exitCode;
        }
      } catch (CommandException e) {
        throw e.about(name);
      }
    }
    session.say(
        ran == 0
            ? "Nothing to do: all " + changes.size() + " changes are applied."
            : ran + (dryRun ? " would run." : " applied."));
    return ExitCode.SUCCEEDED;
  }

  private int run(String name, BatchWait wait, JsonNode batch) {
    session.say(name + ": " + BatchText.summary(batch));
    BatchWait.Outcome outcome = wait.await(batch.path("id").asLong());
    session.print(outcome.batch(), name + ": " + BatchText.summary(outcome.batch()));
    return outcome.exitCode();
  }

  private int plan(String name, ChangeOptions.Change change, @Nullable JsonNode last) {
    if (last != null && AppliedChanges.continues(change, last)) {
      session.say(name + ": continues at its checkpoint: " + BatchText.summary(last));
      return ExitCode.SUCCEEDED;
    }
    JsonNode plan = session.api().send("POST", change.path("plans"), change.body());
    session.print(plan, name + "\n" + PlanText.details(plan));
    return ExitCode.SUCCEEDED;
  }
}
