/** Starts the service, and before it the settings and the database that it needs. */
@NullMarked
package dev.rowmill.startup;

import org.jspecify.annotations.NullMarked;
