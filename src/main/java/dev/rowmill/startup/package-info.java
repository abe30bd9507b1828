/** Starts the service, with what must be known or running before it. */
@NullMarked
package dev.rowmill.startup;

import org.jspecify.annotations.NullMarked;
