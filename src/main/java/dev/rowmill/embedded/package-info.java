/** The MariaDB that starts when no database is configured. */
@NullMarked
package dev.rowmill.embedded;

import org.jspecify.annotations.NullMarked;
