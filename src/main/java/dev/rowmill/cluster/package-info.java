/**
 * Launches each batch on exactly one of several nodes, through db-scheduler, and exchanges the
 * state of the nodes.
 */
@NullMarked
package dev.rowmill.cluster;

import org.jspecify.annotations.NullMarked;
