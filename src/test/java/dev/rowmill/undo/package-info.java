/**
 * That a change can be undone, whoever else changes rows, as callers of the REST contract see it.
 */
@NullMarked
package dev.rowmill.undo;

import org.jspecify.annotations.NullMarked;
