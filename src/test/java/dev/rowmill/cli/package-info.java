/** Tests the client commands against a running service. */
@NullMarked
package dev.rowmill.cli;

import org.jspecify.annotations.NullMarked;
