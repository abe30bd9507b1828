package dev.rowmill.rest.http;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a member of a body that the audit does not copy, because it may hold a secret or is stored
 * in another way. On the method of an operation: marks that it changes nothing, so the audit has no
 * line of it unless it is denied; with a status, only the responses with that status.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Unaudited {

  /** Returns the status of the responses without a line; 0 for all. */
  int status() default 0;
}
