/** Tests of archives. */
@NullMarked
package dev.rowmill.archive;

import org.jspecify.annotations.NullMarked;
