package dev.rowmill.task;

import java.util.OptionalLong;

/**
 * How far a batch goes.
 *
 * @param end the last cursor of the work
 * @param rows how many rows it will look at, about; empty when unknown
 */
public record Extent(String end, OptionalLong rows) {}
