package dev.rowmill.batch;

/**
 * What is asked of a batch's run, perhaps by way of another node.
 *
 * @param epoch of the batch's newest run
 * @param isToStop whether the run is to stop after the chunk in hand
 * @param isForced whether it is to break off the statement in hand
 * @param settings to go on with
 */
public record Directive(int epoch, boolean isToStop, boolean isForced, BatchSettings settings) {}
