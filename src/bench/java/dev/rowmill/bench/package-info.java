/** Measures the cost of Rowmill in comparison with alternatives. */
@NullMarked
package dev.rowmill.bench;

import org.jspecify.annotations.NullMarked;
