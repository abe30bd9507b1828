package dev.rowmill.progress.event;

import dev.rowmill.batch.ProjectPatterns;
import org.jspecify.annotations.Nullable;

/**
 * What a listener hears of.
 *
 * @param batch this batch alone; null for any
 * @param project batches of this project alone; null for any
 * @param seen batches of these projects alone
 */
public record EventFilter(@Nullable Long batch, @Nullable String project, ProjectPatterns seen) {

  boolean hears(long ofBatch, String ofProject) {
    return (batch == null || batch == ofBatch)
        && (project == null || project.equals(ofProject))
        && seen.include(ofProject);
  }
}
