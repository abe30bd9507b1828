/** What those who run the service see of it, on a real process. */
@NullMarked
package dev.rowmill.operations;

import org.jspecify.annotations.NullMarked;
