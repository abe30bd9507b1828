package dev.rowmill.rest.batch;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the plan of a chain as callers see it. */
@RegisterForReflection
@Schema(name = "ChainPlan", description = "What each step of a chain would do")
public record ChainPlanBody(
    @Schema(description = "Name of the chain, as given by the caller") @Nullable String name,
    @Schema(description = "Plans of the steps; each step needs only earlier ones")
        List<StepBody> steps) {

  /** Represents a step of a planned chain. */
  @RegisterForReflection
  @Schema(name = "ChainPlanStep", description = "A step of a planned chain")
  public record StepBody(
      @Schema(description = "Name of the step", examples = "archive") String name,
      @Schema(description = "Project of its batch", examples = "p1") String project,
      @Schema(description = "Names of the steps that must succeed before") List<String> needs,
      PlanBody plan) {}
}
