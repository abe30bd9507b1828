package dev.rowmill.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** Runs client commands in this JVM, against one service. Thread-safe. */
record Shell(URI server) {

  /** Represents an ended command. */
  record Result(int exitCode, String out, String err) {

    Result exits(int expected) {
      assertEquals(expected, exitCode, out + err);
      return this;
    }
  }

  Result run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--server", server.toString()));
    return alone(all.toArray(String[]::new));
  }

  /** Runs a command that calls no service. */
  static Result alone(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode = Cli.run(new PrintWriter(out), new PrintWriter(err), arguments);
    return new Result(exitCode, out.toString(), err.toString());
  }
}
