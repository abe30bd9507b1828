/** Rowmill: big changes of MySQL and MariaDB tables, run in the background in chunks. */
@NullMarked
package dev.rowmill;

import org.jspecify.annotations.NullMarked;
