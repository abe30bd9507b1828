/** Reports health, traces, and metrics of the build and of HTTP. */
@NullMarked
package dev.rowmill.monitoring;

import org.jspecify.annotations.NullMarked;
