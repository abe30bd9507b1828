/** Starts the service, and before it the settings, the database and the tables that it needs. */
@NullMarked
package dev.rowmill.startup;

import org.jspecify.annotations.NullMarked;
