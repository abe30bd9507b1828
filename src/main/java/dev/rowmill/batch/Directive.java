package dev.rowmill.batch;

/**
 * Represents a request to the run of a batch, which another node may have received.
 *
 * @param epoch number of the newest run of the batch
 * @param isToStop whether the run stops after the current chunk
 * @param isForced whether the run aborts the current statement
 * @param settings settings for the next chunks
 */
public record Directive(int epoch, boolean isToStop, boolean isForced, BatchSettings settings) {}
