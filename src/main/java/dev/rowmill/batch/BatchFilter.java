package dev.rowmill.batch;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Holds the criteria of a list of batches; null members don't restrict it.
 *
 * @param labels labels that each batch has; empty for any
 */
public record BatchFilter(
    @Nullable String project,
    @Nullable BatchStatus status,
    @Nullable Mode mode,
    List<Label> labels) {

  public BatchFilter {
    labels = List.copyOf(labels);
  }

  /** Creates a filter for batches with any labels. */
  public BatchFilter(@Nullable String project, @Nullable BatchStatus status, @Nullable Mode mode) {
    this(project, status, mode, List.of());
  }
}
