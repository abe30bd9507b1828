/**
 * Contains Rowmill, which runs big changes of MySQL and MariaDB tables in the background, in
 * chunks.
 */
@NullMarked
package dev.rowmill;

import org.jspecify.annotations.NullMarked;
