package dev.rowmill.task;

import org.jspecify.annotations.Nullable;

/**
 * Represents the rows of one short transaction: the range {@code (after, upTo]}.
 *
 * @param after exclusive lower cursor, null for the very start
 * @param upTo inclusive upper cursor
 * @param rows number of rows scanned
 */
public record Chunk(@Nullable String after, String upTo, long rows) {}
