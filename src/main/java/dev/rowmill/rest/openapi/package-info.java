/** Completes the OpenAPI document with what annotations cannot express. */
@NullMarked
package dev.rowmill.rest.openapi;

import org.jspecify.annotations.NullMarked;
