/** Predicts the effect of a statement without running it. */
@NullMarked
package dev.rowmill.sql.plan;

import org.jspecify.annotations.NullMarked;
