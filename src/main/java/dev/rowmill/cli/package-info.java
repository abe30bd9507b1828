/**
 * Contains the command line. Its commands are clients of the REST API, which do not start the
 * service.
 */
@NullMarked
package dev.rowmill.cli;

import org.jspecify.annotations.NullMarked;
