@NullMarked
package dev.rowmill.audit;

import org.jspecify.annotations.NullMarked;
