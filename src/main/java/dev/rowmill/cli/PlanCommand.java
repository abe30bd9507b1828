package dev.rowmill.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows what a change would do, and changes nothing. */
@RegisterForReflection
@Command(
    name = "plan",
    description = "Show what a change would do, and change nothing. Start it with start --plan.")
final class PlanCommand implements Callable<Integer> {

  @Mixin private Session session = new Session();
  @Mixin private ChangeOptions change = new ChangeOptions();

  @Override
  public Integer call() {
    ChangeOptions.Change asked = change.read();
    JsonNode plan = session.api().send("POST", asked.path("plans"), asked.body());
    session.print(plan, PlanText.details(plan));
    return ExitCode.SUCCEEDED;
  }
}
