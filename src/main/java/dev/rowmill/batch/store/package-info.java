/** Reads and writes the tables of batches; no other package does. */
@NullMarked
package dev.rowmill.batch.store;

import org.jspecify.annotations.NullMarked;
