package dev.rowmill.task;

/**
 * Identifies one row of the work.
 *
 * @param cursor its position in the work
 * @param json JSON object that callers see, such as its key columns with their values as text
 */
public record RowKey(String cursor, String json) {}
