/** Checks what the service needs from its configuration, its machine and its database. */
@NullMarked
package dev.rowmill.doctor;

import org.jspecify.annotations.NullMarked;
