@NullMarked
package dev.rowmill.security;

import org.jspecify.annotations.NullMarked;
