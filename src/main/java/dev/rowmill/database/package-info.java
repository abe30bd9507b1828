/**
 * Opens connections, runs transactions and statements, and classifies the errors of the server.
 * Independent of batches.
 */
@NullMarked
package dev.rowmill.database;

import org.jspecify.annotations.NullMarked;
