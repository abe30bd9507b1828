/** Runs the MariaDB server that starts if no database is configured. */
@NullMarked
package dev.rowmill.embedded;

import org.jspecify.annotations.NullMarked;
