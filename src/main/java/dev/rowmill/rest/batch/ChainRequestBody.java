package dev.rowmill.rest.batch;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonRootName;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.InvalidRequestException.Violation;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.ListQuery;
import dev.rowmill.task.Refusal.Reason;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the body of a request to start a chain. */
@RegisterForReflection
public record ChainRequestBody(
    @Schema(description = "Name of the chain, in the caller's words") @Size(min = 1, max = 200)
        @Nullable String name,
    @Schema(description = "Steps, in any order")
        @NotNull(message = "missing-value")
        @Size(max = 100)
        @Nullable List<StepBody> steps) {

  /** Lists the members of a start by which batches outside of chains wait for others. */
  public static final List<String> NOT_OF_STEPS =
      List.of("onBusy", "after", "queueAfter", "startAt");

  private static final int MOST = 100;

  /** Represents a step: a start, and what it needs. */
  @RegisterForReflection
  @JsonRootName("ChainStepRequest")
  @JsonClassDescription(
      "A step: its name, its project, the steps that it needs, and the members of a start without"
          + " plan, startAt, onBusy, after and queueAfter")
  public record StepBody(
      @Schema(description = "Name of the step: 1 to 64 of A-Z a-z 0-9 . _ -")
          @NotNull(message = "missing-value")
          @Size(max = 64)
          @Nullable String name,
      @Schema(description = "Project of its batch: 1 to 64 of A-Z a-z 0-9 . _ -")
          @NotNull(message = "missing-value")
          @Size(max = 64)
          @Nullable String project,
      @Schema(description = "Names of the steps that must succeed before")
          @Nullable List<String> needs,
      @JsonUnwrapped StartBody start) {

    private void check(JsonBody body) {
      Stream.of("name", "project")
          .filter(member -> !isName(body, member))
          .forEach(member -> body.violation(member, Reason.of("project-name")));
      refuseOrder(body);
      start.collect(body);
    }

    private static boolean isName(JsonBody body, String member) {
      String text = body.node().path(member).textValue();
      try {
        return text == null || !ListQuery.project(text).isEmpty();
      } catch (InvalidRequestException e) {
        return false;
      }
    }

    String named() {
      return Objects.requireNonNull(name);
    }

    List<String> needed() {
      return needs == null ? List.of() : needs.stream().distinct().toList();
    }
  }

  /**
   * Reads the body, and sorts the steps so that each needs only earlier ones.
   *
   * @throws InvalidRequestException with all violations of the body
   */
  static ChainRequestBody read(JsonBody body) {
    ChainRequestBody read = BodyReader.read(body, ChainRequestBody.class);
    List<StepBody> steps = read.steps;
    if (steps != null) {
      if (steps.isEmpty()) {
        body.violation("steps", Reason.of("not-a-list", "max", String.valueOf(MOST)));
      }
      List<JsonBody> objects = Objects.requireNonNull(body.objects("steps", MOST));
      Map<String, StepBody> byName = new HashMap<>();
      for (int i = 0; i < steps.size(); i++) {
        StepBody step = steps.get(i);
        step.check(objects.get(i));
        if (step.name != null && byName.putIfAbsent(step.name, step) != null) {
          objects.get(i).violation("name", Reason.of("duplicate"));
        }
      }
      for (int i = 0; i < steps.size(); i++) {
        for (String need : steps.get(i).needed()) {
          if (!byName.containsKey(need)) {
            objects.get(i).violation("needs", Reason.of("unknown-step", "step", need));
          }
        }
      }
    }
    check(body, steps == null ? List.of() : steps);
    return new ChainRequestBody(read.name, sorted(Objects.requireNonNull(steps)));
  }

  /** Adds a violation for each member by which batches outside of chains wait for others. */
  static void refuseOrder(JsonBody body) {
    NOT_OF_STEPS.stream()
        .filter(body::has)
        .forEach(member -> body.violation(member, Reason.of("not-in-chain")));
  }

  /** Reports the violations with the names of the steps instead of their positions. */
  private static void check(JsonBody body, List<StepBody> steps) {
    try {
      body.check();
    } catch (InvalidRequestException e) {
      throw new InvalidRequestException(
          e.violations().stream()
              .map(it -> new Violation(named(it.field(), steps), it.reason()))
              .toList());
    }
  }

  private static String named(String field, List<StepBody> steps) {
    String[] parts = field.split("\\.", 3);
    if (parts.length < 3 || !parts[0].equals("steps")) {
      return field;
    }
    String name = steps.get(Integer.parseInt(parts[1])).name;
    return name == null || name.isBlank() ? field : "steps." + name + "." + parts[2];
  }

  private static List<StepBody> sorted(List<StepBody> steps) {
    Map<String, StepBody> sorted = new java.util.LinkedHashMap<>();
    List<StepBody> left = new ArrayList<>(steps);
    boolean found = true;
    while (found) {
      found = false;
      for (StepBody step : List.copyOf(left)) {
        if (sorted.keySet().containsAll(step.needed())) {
          sorted.put(step.named(), step);
          left.remove(step);
          found = true;
        }
      }
    }
    if (!left.isEmpty()) {
      throw new InvalidRequestException(
          "steps", Reason.of("step-cycle", "steps", String.join(" → ", cycle(left))));
    }
    return List.copyOf(sorted.values());
  }

  /** Returns the names of the steps of a cycle among steps that each need another one of them. */
  private static List<String> cycle(List<StepBody> left) {
    Map<String, StepBody> byName = new HashMap<>();
    left.forEach(step -> byName.put(step.named(), step));
    List<String> path = new ArrayList<>();
    String next = left.get(0).named();
    while (!path.contains(next)) {
      path.add(next);
      next =
          Objects.requireNonNull(byName.get(next)).needed().stream()
              .filter(byName::containsKey)
              .findFirst()
              .orElseThrow();
    }
    List<String> cycle = new ArrayList<>(path.subList(path.indexOf(next), path.size()));
    cycle.add(next);
    return cycle;
  }
}
