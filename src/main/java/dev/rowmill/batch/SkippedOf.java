package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/**
 * Names rows that a batch has passed over.
 *
 * @param batch the batch
 * @param error error number of the server that the rows had; null for all of its rows
 */
public record SkippedOf(long batch, @Nullable Long error) {}
