/** Who may do what. */
@NullMarked
package dev.rowmill.security;

import org.jspecify.annotations.NullMarked;
