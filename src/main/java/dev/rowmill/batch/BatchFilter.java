package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/** Which batches a list shows; null members don't restrict it. */
public record BatchFilter(
    @Nullable String project, @Nullable BatchStatus status, @Nullable Mode mode) {}
