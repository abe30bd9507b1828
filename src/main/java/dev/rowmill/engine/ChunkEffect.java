package dev.rowmill.engine;

import dev.rowmill.batch.UndoUsage;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * Describes what a chunk has done in its transaction, before the checkpoint moves.
 *
 * @param chunk the range that was done; shorter than the planned one if the work ends within it
 * @param changed number of rows changed
 * @param ignored number of rows ignored because of an error; null when unknown
 * @param skipped number of rows that were noted and passed over
 * @param undo undo data that was stored
 * @param end why the batch fails after this chunk; null when it continues
 */
record ChunkEffect(
    Chunk chunk,
    long changed,
    @Nullable Long ignored,
    long skipped,
    UndoUsage undo,
    @Nullable Refusal end) {}
