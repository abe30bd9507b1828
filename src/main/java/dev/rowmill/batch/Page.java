package dev.rowmill.batch;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A keyset page, newest first.
 *
 * @param next pass this as {@code before} to get the next page; null on the last
 */
public record Page<T>(List<T> items, @Nullable Long next) {}
