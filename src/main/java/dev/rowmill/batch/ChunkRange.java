package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/**
 * Represents what a batch did in one range of cursors.
 *
 * @param id increases from range to range of a batch
 * @param from exclusive; null for the very start
 * @param to inclusive
 */
public record ChunkRange(
    long id,
    int lane,
    @Nullable String from,
    String to,
    long rowsScanned,
    long rowsChanged,
    long rowsSkipped) {}
