package dev.rowmill.progress;

import org.jspecify.annotations.Nullable;

/**
 * What a listener hears of.
 *
 * @param batch this batch alone; null for any
 * @param project batches of this project alone; null for any
 */
public record Audience(@Nullable Long batch, @Nullable String project) {

  boolean hears(long ofBatch, String ofProject) {
    return (batch == null || batch == ofBatch) && (project == null || project.equals(ofProject));
  }
}
