package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/**
 * Represents a project as it was when it was read.
 *
 * @param active id of its active batch, null if none is
 * @param wanted status that was requested of its running batch; null for none
 * @param waiting number of batches in its queue
 * @param last id of its newest batch that has ended, null if none has
 * @param newest id of its newest batch, by which the list of projects is sorted
 */
public record ProjectView(
    String project,
    @Nullable Long active,
    @Nullable BatchStatus wanted,
    long waiting,
    @Nullable Long last,
    long newest) {}
