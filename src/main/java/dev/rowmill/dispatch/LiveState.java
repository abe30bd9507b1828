package dev.rowmill.dispatch;

import dev.rowmill.batch.Hold;
import dev.rowmill.progress.Speed;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Holds what a batch does at one moment, which its row does not contain.
 *
 * @param hold reason why the batch is not progressing; empty when nothing holds it
 * @param position position in the queue, from 1: a waiting batch in its project's queue, a queued
 *     serial one in the serial queue; empty for any other
 * @param nextChunkRows number of rows of the next chunk, as far as it is known
 * @param speed present speed; empty when the batch runs nowhere
 * @param undoable whether the batch can be undone now
 * @param undoExpires when the undo data expire; null before the end, or without undo data
 */
public record LiveState(
    Optional<Hold> hold,
    OptionalLong position,
    int nextChunkRows,
    Optional<Speed> speed,
    boolean undoable,
    @Nullable Instant undoExpires) {}
