package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/**
 * A project as it stood when it was read.
 *
 * @param active id of its active batch, null when none is
 * @param waiting how many batches wait in its line
 * @param last id of the newest of its batches that have ended, null when none has
 * @param newest id of its newest batch, which orders the list of projects
 */
public record ProjectView(
    String project, @Nullable Long active, long waiting, @Nullable Long last, long newest) {}
