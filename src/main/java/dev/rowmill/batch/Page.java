package dev.rowmill.batch;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A keyset page.
 *
 * @param next key of its last item, to ask for the next page by; null on the last
 */
public record Page<T>(List<T> items, @Nullable Long next) {}
