/**
 * Brings a batch to exactly one of several nodes, through db-scheduler, and has them know one
 * another.
 */
@NullMarked
package dev.rowmill.cluster;

import org.jspecify.annotations.NullMarked;
