/** Measures what Rowmill costs beside doing the same without it. */
@NullMarked
package dev.rowmill.bench;

import org.jspecify.annotations.NullMarked;
