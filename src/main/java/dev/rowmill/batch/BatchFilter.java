package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/** Selects the batches of a list; null members do not restrict it. */
public record BatchFilter(
    @Nullable String project, @Nullable BatchStatus status, @Nullable Mode mode) {}
