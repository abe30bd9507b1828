/**
 * Provides what all resources share: problem documents, languages, request bodies, list queries,
 * access checks, and the audit filter.
 */
@NullMarked
package dev.rowmill.rest.http;

import org.jspecify.annotations.NullMarked;
