package dev.rowmill.database;

/** Shows an error in one line. Stateless. */
public final class ErrorText {

  private static final int MAX_DEPTH = 20;

  private ErrorText() {}

  /** Returns the first line of the error, and that of its root cause where it adds information. */
  public static String of(Throwable error) {
    String text = firstLine(error);
    Throwable root = error;
    for (int depth = 0; root.getCause() != null && depth < MAX_DEPTH; depth++) {
      root = root.getCause();
    }
    String deeper = firstLine(root);
    return text.contains(deeper) ? text : text + " (" + deeper + ")";
  }

  private static String firstLine(Throwable error) {
    String message = error.getMessage();
    return message == null ? error.toString() : message.lines().findFirst().orElse("");
  }
}
