/** Stores saved statements, and checks values against the rules of their parameters. */
@NullMarked
package dev.rowmill.dispatch.statement;

import org.jspecify.annotations.NullMarked;
