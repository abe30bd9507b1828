@NullMarked
package dev.rowmill.webhook;

import org.jspecify.annotations.NullMarked;
