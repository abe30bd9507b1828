/** Reads the text of a statement, without a connection. */
@NullMarked
package dev.rowmill.sql.parse;

import org.jspecify.annotations.NullMarked;
