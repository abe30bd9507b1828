package dev.rowmill.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Contains the commands about schedules. */
@RegisterForReflection
@Command(name = "schedule", description = "Store, show and control schedules.")
final class ScheduleCommand {

  @Command(name = "list", description = "List schedules.")
  int list(@Mixin Session session) {
    JsonNode page = session.api().get("schedules?limit=200");
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("NAME", "PROJECT", "FIRES", "ENABLED", "NEXT"));
    for (JsonNode schedule : page.path("items")) {
      rows.add(
          List.of(
              schedule.path("name").asText(),
              schedule.path("project").asText(),
              fires(schedule),
              schedule.path("enabled").asText(),
              schedule.path("next").asText("").replace("null", "")));
    }
    session.print(page, TextTable.of(rows));
    return ExitCode.SUCCEEDED;
  }

  @Command(name = "show", description = "Show a schedule.")
  int show(
      @Mixin Session session,
      @Parameters(paramLabel = "NAME", description = "Name of the schedule.") String name) {
    JsonNode schedule = session.api().get(path(name));
    session.print(schedule, Session.pretty(schedule));
    return ExitCode.SUCCEEDED;
  }

  @Command(name = "put", description = "Store a schedule, and replace one of the same name.")
  int put(
      @Mixin Session session,
      @Parameters(paramLabel = "NAME", description = "Name of the schedule.") String name,
      @Option(
              names = {"-f", "--file"},
              required = true,
              paramLabel = "FILE",
              description = "YAML or JSON file with the body.")
          Path file) {
    ChangeFile read = ChangeFile.read(file);
    if (read.project() != null) {
      read.body().put("project", read.project());
    }
    JsonNode schedule = session.api().send("PUT", path(name), read.body());
    session.print(schedule, "Schedule " + name + " is stored: " + next(schedule));
    return ExitCode.SUCCEEDED;
  }

  @Command(name = "pause", description = "Stop a schedule from firing.")
  int pause(
      @Mixin Session session,
      @Parameters(paramLabel = "NAME", description = "Name of the schedule.") String name) {
    JsonNode schedule = session.api().send("POST", path(name) + "/pause", null);
    session.print(schedule, "Schedule " + name + " is paused.");
    return ExitCode.SUCCEEDED;
  }

  @Command(name = "resume", description = "Let a paused schedule fire again.")
  int resume(
      @Mixin Session session,
      @Parameters(paramLabel = "NAME", description = "Name of the schedule.") String name) {
    JsonNode schedule = session.api().send("POST", path(name) + "/resume", null);
    session.print(schedule, "Schedule " + name + " is resumed: " + next(schedule));
    return ExitCode.SUCCEEDED;
  }

  @Command(name = "run", description = "Fire a schedule now.")
  int run(
      @Mixin Session session,
      @Parameters(paramLabel = "NAME", description = "Name of the schedule.") String name) {
    JsonNode run = session.api().send("POST", path(name) + "/run", null);
    session.print(run, Session.pretty(run));
    return ExitCode.SUCCEEDED;
  }

  @Command(name = "runs", description = "List the runs of a schedule, newest first.")
  int runs(
      @Mixin Session session,
      @Parameters(paramLabel = "NAME", description = "Name of the schedule.") String name) {
    JsonNode page = session.api().get(path(name) + "/runs");
    session.print(page, Session.pretty(page));
    return ExitCode.SUCCEEDED;
  }

  @Command(name = "delete", description = "Delete a schedule. Its batches stay.")
  int delete(
      @Mixin Session session,
      @Parameters(paramLabel = "NAME", description = "Name of the schedule.") String name) {
    session.api().send("DELETE", path(name), null);
    session.say("Schedule " + name + " is deleted.");
    return ExitCode.SUCCEEDED;
  }

  private static String path(String name) {
    return "schedules/" + Api.encode(name);
  }

  private static String fires(JsonNode schedule) {
    return schedule.hasNonNull("cron")
        ? schedule.path("cron").asText() + " " + schedule.path("zone").asText()
        : "every " + schedule.path("every").asText();
  }

  private static String next(JsonNode schedule) {
    return schedule.hasNonNull("next")
        ? "it fires next at " + schedule.path("next").asText()
        : "it does not fire";
  }
}
