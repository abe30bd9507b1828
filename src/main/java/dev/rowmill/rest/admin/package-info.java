/** Administers tokens, sessions, saved statements, audit, pool, nodes and tasks over HTTP. */
@NullMarked
package dev.rowmill.rest.admin;

import org.jspecify.annotations.NullMarked;
