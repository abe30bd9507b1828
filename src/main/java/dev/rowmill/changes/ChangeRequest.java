package dev.rowmill.changes;

import dev.rowmill.sql.run.ChangeScript;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Describes which changes of a batch are written, and how.
 *
 * @param direction what a script does; ignored by other formats
 * @param columns names of the columns to show besides the key; null for all
 * @param keys rows to show, by the first column of their key
 * @param after only ranges with higher ids; 0 for all
 */
public record ChangeRequest(
    ChangeFormat format,
    ChangeScript direction,
    @Nullable Set<String> columns,
    KeyInterval keys,
    long after) {}
