/** Completes the OpenAPI document with descriptions that annotations cannot express. */
@NullMarked
package dev.rowmill.rest.openapi;

import org.jspecify.annotations.NullMarked;
