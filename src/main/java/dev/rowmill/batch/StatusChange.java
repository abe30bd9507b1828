package dev.rowmill.batch;

/**
 * A batch has come to a status.
 *
 * @param order of two changes of one batch that this process made, the later one has the higher
 *     number
 * @param epoch of the run that it came to it in, or that it had last; 0 before the first
 */
public record StatusChange(
    long order, long batch, String project, Mode mode, int epoch, BatchStatus status) {}
