/** Tests the checks of the configuration, the machine and the database, with real servers. */
@NullMarked
package dev.rowmill.doctor;

import org.jspecify.annotations.NullMarked;
