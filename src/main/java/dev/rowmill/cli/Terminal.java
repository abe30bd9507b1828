package dev.rowmill.cli;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;

/** Tells whether the output of this process is a terminal. Stateless. */
public final class Terminal {

  private Terminal() {}

  /** Returns whether the standard output is a terminal. */
  public static boolean isOutput() {
    return is(new ProcessBuilder("test", "-t", "1").redirectOutput(Redirect.INHERIT));
  }

  /** Returns whether the standard error output is a terminal. */
  static boolean isError() {
    return is(new ProcessBuilder("test", "-t", "2").redirectError(Redirect.INHERIT));
  }

  /** Asks a program, because Java checks input and output only together. */
  private static boolean is(ProcessBuilder test) {
    try {
      return test.start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
