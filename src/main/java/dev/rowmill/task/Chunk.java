package dev.rowmill.task;

import org.jspecify.annotations.Nullable;

/**
 * The rows of one short transaction: those behind {@code after}, up to and with {@code upTo}.
 *
 * @param after exclusive lower cursor, null for the very start
 * @param upTo inclusive upper cursor
 * @param rows how many rows were looked at
 */
public record Chunk(@Nullable String after, String upTo, long rows) {}
