package dev.rowmill.batch;

/**
 * A batch has come to a status.
 *
 * @param order of two changes of one batch that this process made, the later one has the higher
 *     number
 */
public record StatusChange(long order, long batch, String project, BatchStatus status) {}
