/** Brings a batch to exactly one of several nodes, through db-scheduler on the database itself. */
@NullMarked
package dev.rowmill.cluster;

import org.jspecify.annotations.NullMarked;
