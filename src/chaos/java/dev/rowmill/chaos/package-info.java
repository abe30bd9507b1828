/** Several nodes under load while everything around them fails, and what must hold all the same. */
@NullMarked
package dev.rowmill.chaos;

import org.jspecify.annotations.NullMarked;
