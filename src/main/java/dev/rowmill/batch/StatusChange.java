package dev.rowmill.batch;

/**
 * Represents a change of the status of a batch, or of what a batch of that status waits for.
 *
 * @param order number of the change; of two changes of one batch by this process, the later one has
 *     the higher number
 * @param epoch run in which the status changed, or the last run; 0 before the first
 */
public record StatusChange(
    long order, long batch, String project, Mode mode, int epoch, BatchStatus status) {}
