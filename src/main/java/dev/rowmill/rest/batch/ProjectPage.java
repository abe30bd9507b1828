package dev.rowmill.rest.batch;

import dev.rowmill.batch.ProjectView;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents a page of projects. */
@Schema(description = "A page of projects, most recent batch first")
public record ProjectPage(
    @Schema(description = "Projects of this page") List<ProjectBody> items,
    @Schema(description = "Path of the next page, with the same filter; null on the last")
        @Nullable String next) {

  /** Represents a project as callers see it. */
  @RegisterForReflection
  @Schema(name = "Project", description = "A project: a key under which callers start batches")
  public record ProjectBody(
      @Schema(description = "Name", examples = "p1") String project,
      @Schema(description = "Whether one of its batches is active") boolean running,
      @Schema(description = "Id of the active batch", examples = "42") @Nullable Long batch,
      @Schema(
              description =
                  "Pending request for the active batch, which takes effect after the current"
                      + " chunk; null when there is none",
              enumeration = {"pausing", "cancelling"},
              examples = "pausing")
          @Nullable String pending,
      @Schema(description = "Number of batches waiting in its queue") long waiting,
      @Schema(description = "Id of its newest ended batch", examples = "41") @Nullable Long last) {

    static ProjectBody of(ProjectView view) {
      return new ProjectBody(
          view.project(),
          view.active() != null,
          view.active(),
          BatchBodies.pending(view.wanted()),
          view.waiting(),
          view.last());
    }
  }
}
