package dev.rowmill.dispatch;

import dev.rowmill.batch.store.PlanStore;

/**
 * Represents a stored plan that may be started.
 *
 * @param request the request as it was planned, which a start may override
 */
public record PlannedStart(PlanStore.Stored plan, StartRequest request) {}
