/**
 * Reads the definitions of tables from the server, and chooses the key that a table is walked
 * along.
 */
@NullMarked
package dev.rowmill.sql.table;

import org.jspecify.annotations.NullMarked;
