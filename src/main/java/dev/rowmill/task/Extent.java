package dev.rowmill.task;

import java.util.OptionalLong;

/**
 * Represents the extent of a batch.
 *
 * @param end the last cursor of the work
 * @param rows estimated number of rows to scan; empty when unknown
 */
public record Extent(String end, OptionalLong rows) {}
