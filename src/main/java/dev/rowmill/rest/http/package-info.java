/**
 * Provides what every resource needs: problem documents, languages, bodies, lists, access, and the
 * audit filter.
 */
@NullMarked
package dev.rowmill.rest.http;

import org.jspecify.annotations.NullMarked;
