/** Statements that admins have saved, for others to start by name. */
@NullMarked
package dev.rowmill.statement;

import org.jspecify.annotations.NullMarked;
