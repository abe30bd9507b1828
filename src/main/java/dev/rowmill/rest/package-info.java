/** HTTP in, records and problem documents out. */
@NullMarked
package dev.rowmill.rest;

import org.jspecify.annotations.NullMarked;
