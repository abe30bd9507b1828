package dev.rowmill.httptask;

import com.fasterxml.jackson.core.io.JsonStringEncoder;

/** Writes text as JSON. Stateless. */
final class JsonText {

  private JsonText() {}

  static String quoted(String text) {
    return '"' + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
  }
}
