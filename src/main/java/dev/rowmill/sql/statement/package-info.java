/** Checks a statement against its tables, and renders it for a key range. */
@NullMarked
package dev.rowmill.sql.statement;

import org.jspecify.annotations.NullMarked;
