/** Reads one SQL statement, rejects what cannot be chunked, and renders it for a key range. */
@NullMarked
package dev.rowmill.sql;

import org.jspecify.annotations.NullMarked;
