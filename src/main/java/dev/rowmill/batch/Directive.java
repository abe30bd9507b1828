package dev.rowmill.batch;

/**
 * Holds the requests to a batch's run, possibly made on another node.
 *
 * @param epoch epoch of the batch's newest run
 * @param isToStop whether the run has to stop after the current chunk
 * @param isForced whether it has to kill the current statement
 * @param settings settings from the next chunk on
 */
public record Directive(int epoch, boolean isToStop, boolean isForced, BatchSettings settings) {}
