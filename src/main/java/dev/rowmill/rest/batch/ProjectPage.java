package dev.rowmill.rest.batch;

import dev.rowmill.batch.ProjectView;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents a page of projects. */
@Schema(description = "A page of projects, those with the newest batches first")
public record ProjectPage(
    @Schema(description = "The projects of this page") List<ProjectBody> items,
    @Schema(description = "Path of the next page, with the same filter; null on the last")
        @Nullable String next) {

  /** Represents a project as callers see it. */
  @RegisterForReflection
  @Schema(name = "Project", description = "A key that callers work under, with what runs for it")
  public record ProjectBody(
      @Schema(description = "Its name", examples = "p1") String project,
      @Schema(description = "Whether one of its batches is active") boolean running,
      @Schema(description = "The active batch", examples = "42") @Nullable Long batch,
      @Schema(description = "How many batches wait in its line") long waiting,
      @Schema(description = "The newest of its batches that have ended", examples = "41")
          @Nullable Long last) {

    static ProjectBody of(ProjectView view) {
      return new ProjectBody(
          view.project(), view.active() != null, view.active(), view.waiting(), view.last());
    }
  }
}
