/**
 * The dashboard in a real browser, on the real service: what people see, and what they must not.
 */
@NullMarked
package dev.rowmill.browser;

import org.jspecify.annotations.NullMarked;
