package dev.rowmill.batch;

import java.util.Map;

/**
 * Represents a chain that is about to be undone.
 *
 * @param inForce the batch whose undo takes back the change of a step, by the step's id: the step
 *     itself, or the batch that has repeated its change after an undo. A step that is undone has
 *     none
 */
public record UndoableChain(ChainView chain, Map<Long, BatchView> inForce) {}
