/**
 * Runs several nodes under load with faults all around them, and checks that all results are exact.
 */
@NullMarked
package dev.rowmill.chaos;

import org.jspecify.annotations.NullMarked;
