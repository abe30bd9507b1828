/** Tests several real processes on one database. */
@NullMarked
package dev.rowmill.cluster;

import org.jspecify.annotations.NullMarked;
