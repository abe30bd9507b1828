/** Binds the values of parameters to statements, and prepares these. */
@NullMarked
package dev.rowmill.sql.value;

import org.jspecify.annotations.NullMarked;
