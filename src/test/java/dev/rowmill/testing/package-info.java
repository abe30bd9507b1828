/** Runs real servers for the tests: databases, and Rowmill itself as a process. */
@NullMarked
package dev.rowmill.testing;

import org.jspecify.annotations.NullMarked;
