/**
 * Lets assistants plan changes, start these plans and watch them, by the Model Context Protocol.
 */
@NullMarked
package dev.rowmill.rest.mcp;

import org.jspecify.annotations.NullMarked;
