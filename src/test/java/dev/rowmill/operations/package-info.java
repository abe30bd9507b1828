/** Tests what operators of the service see, on a real process. */
@NullMarked
package dev.rowmill.operations;

import org.jspecify.annotations.NullMarked;
