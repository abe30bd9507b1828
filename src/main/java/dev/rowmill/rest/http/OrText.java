package dev.rowmill.rest.http;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a member of a body that is a whole number within its bounds, or one certain text. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface OrText {

  /** Returns the text. */
  String text();

  /** Returns the number that the text is read as. */
  int number();
}
