package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/** Holds the criteria of a list of batches; null members don't restrict it. */
public record BatchFilter(
    @Nullable String project, @Nullable BatchStatus status, @Nullable Mode mode) {}
