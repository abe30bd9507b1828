/** Brings a batch to exactly one node, and has each node know of the others. */
@NullMarked
package dev.rowmill.cluster;

import org.jspecify.annotations.NullMarked;
