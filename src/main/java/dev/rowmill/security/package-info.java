/** Authenticates callers and checks their roles and projects. */
@NullMarked
package dev.rowmill.security;

import org.jspecify.annotations.NullMarked;
