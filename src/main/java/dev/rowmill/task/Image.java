package dev.rowmill.task;

/**
 * Holds the undo image of a chunk. The engine stores it with the chunk and never parses it.
 *
 * @param rows number of rows in it
 * @param bytes in the format of the task that made it
 */
@SuppressWarnings("ArrayRecordComponent") // never copied or compared
public record Image(int rows, byte[] bytes) {}
