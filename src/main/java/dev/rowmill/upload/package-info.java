/** Reads files into tables, and changes other tables by their lines. */
@NullMarked
package dev.rowmill.upload;

import org.jspecify.annotations.NullMarked;
