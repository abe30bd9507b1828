package dev.rowmill.audit;

import org.jspecify.annotations.Nullable;

/** Selects the rows of a list. A null component matches every row. */
public record AuditFilter(
    @Nullable String project,
    @Nullable Long batch,
    @Nullable String actor,
    @Nullable String operation) {}
