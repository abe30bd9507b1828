/** Tests that compare the documentation with the code. */
@NullMarked
package dev.rowmill.docs;

import org.jspecify.annotations.NullMarked;
