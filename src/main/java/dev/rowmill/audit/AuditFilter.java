package dev.rowmill.audit;

import org.jspecify.annotations.Nullable;

/** Which rows a list is to have; null where any will do. */
public record AuditFilter(
    @Nullable String project,
    @Nullable Long batch,
    @Nullable String actor,
    @Nullable String operation) {}
