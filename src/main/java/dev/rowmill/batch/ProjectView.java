package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/**
 * Represents a project as of the time when it was read.
 *
 * @param active id of its active batch; null for none
 * @param waiting number of batches that wait in its queue
 * @param last id of the newest of its ended batches; null for none
 * @param newest id of its newest batch, which orders the list of projects
 */
public record ProjectView(
    String project, @Nullable Long active, long waiting, @Nullable Long last, long newest) {}
