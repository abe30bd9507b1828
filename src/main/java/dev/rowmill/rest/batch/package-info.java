/** Starts, shows and controls batches over HTTP. */
@NullMarked
package dev.rowmill.rest.batch;

import org.jspecify.annotations.NullMarked;
