package dev.rowmill.batch;

/**
 * Represents the change of a batch to a status.
 *
 * @param order the later of two changes of a batch by this process has the higher number
 * @param epoch epoch of the run that made the change, or of the last run; 0 before the first
 */
public record StatusChange(
    long order, long batch, String project, Mode mode, int epoch, BatchStatus status) {}
