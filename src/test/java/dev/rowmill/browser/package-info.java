/** Tests the dashboard of the real service in a real browser. */
@NullMarked
package dev.rowmill.browser;

import org.jspecify.annotations.NullMarked;
