/** Records each action and its result in a hash chain of rows, which reveals later changes. */
@NullMarked
package dev.rowmill.audit;

import org.jspecify.annotations.NullMarked;
