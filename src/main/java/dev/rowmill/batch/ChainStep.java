package dev.rowmill.batch;

/**
 * Identifies a batch as a step of a chain.
 *
 * @param chain number of the chain
 * @param name name of the step, which is unique in the chain
 */
public record ChainStep(long chain, String name) {}
