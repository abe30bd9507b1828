/** Tests over the REST contract that changes can be undone while others change rows. */
@NullMarked
package dev.rowmill.undo;

import org.jspecify.annotations.NullMarked;
