package dev.rowmill.task;

/**
 * What a chunk has changed, so that it can be put back. The engine stores it with the chunk and
 * never reads it.
 *
 * @param rows how many are in it
 * @param bytes as the task that made it understands them
 */
@SuppressWarnings("ArrayRecordComponent") // made once and handed on, never compared
public record Image(int rows, byte[] bytes) {}
