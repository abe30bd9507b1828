/** Keeps who did what, with which result, in a chain of rows that shows when one was changed. */
@NullMarked
package dev.rowmill.audit;

import org.jspecify.annotations.NullMarked;
