package dev.rowmill.progress.event;

import dev.rowmill.batch.ProjectPatterns;
import org.jspecify.annotations.Nullable;

/**
 * Selects the events that a listener receives.
 *
 * @param batch only this batch; null for any
 * @param project only batches of this project; null for any
 * @param seen only batches of these projects
 */
public record EventFilter(@Nullable Long batch, @Nullable String project, ProjectPatterns seen) {

  boolean hears(long ofBatch, String ofProject) {
    return (batch == null || batch == ofBatch)
        && (project == null || project.equals(ofProject))
        && seen.include(ofProject);
  }
}
