package dev.rowmill.batch;

import java.time.Instant;

/**
 * What holds a batch back.
 *
 * @param reason such as {@code replica-lag}
 * @param detail one sentence with the figures, in English
 */
public record Hold(String reason, String detail, Instant since) {}
