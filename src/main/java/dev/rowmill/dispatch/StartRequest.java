package dev.rowmill.dispatch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.Mode;
import org.jspecify.annotations.Nullable;

/**
 * A request for a batch, its form checked: exactly one of {@code sql} and {@code task} is set.
 *
 * @param parameters of the statement or task, as they came
 * @param mode null for the configured one
 * @param settings what differs from the configured ones
 * @param idempotencyKey the caller's, or null
 * @param requestHash the same for the same request only, of 64 ASCII characters at most
 */
public record StartRequest(
    String project,
    @Nullable String sql,
    @Nullable String task,
    ObjectNode parameters,
    @Nullable Mode mode,
    OnBusy onBusy,
    SettingsChange settings,
    @Nullable String reason,
    @Nullable String idempotencyKey,
    String requestHash) {}
