package dev.rowmill.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.Transition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Compares the diagrams of the statuses in the documents with the table of transitions.
 *
 * <p>{@code ./mvnw test -Dtest=TransitionDocTest -Dtesting.write-docs} writes the diagrams.
 */
class TransitionDocTest {

  private static final String BEGIN = "<!-- transitions: generated -->\n";
  private static final String END = "<!-- /transitions -->";

  @ParameterizedTest
  @ValueSource(strings = {"docs/architecture.md", "docs/batches.md"})
  void the_diagram_is_that_of_the_table(String name) throws IOException {
    Path file = Path.of(name);
    String document = Files.readString(file);
    int begin = document.indexOf(BEGIN) + BEGIN.length();
    int end = document.indexOf(END);
    assertTrue(begin >= BEGIN.length() && end >= begin, () -> "markers in " + name);
    String expected = document.substring(0, begin) + diagram() + document.substring(end);
    if (System.getProperty("testing.write-docs") != null) {
      Files.writeString(file, expected);
      return;
    }
    assertEquals(expected, document, "run this test with -Dtesting.write-docs");
  }

  /** Returns the diagram, with the reasons of an edge beside one arrow. */
  private static String diagram() {
    Map<String, List<String>> reasons = new LinkedHashMap<>();
    for (Transition transition : Transition.TABLE) {
      String edge = text(transition.from()) + " --> " + text(transition.to());
      reasons.computeIfAbsent(edge, key -> new ArrayList<>()).add(transition.reason());
    }
    var diagram = new StringBuilder("```mermaid\nstateDiagram-v2\n");
    reasons.forEach(
        (edge, why) -> diagram.append("    %s: %s%n".formatted(edge, String.join(", or ", why))));
    for (BatchStatus status : BatchStatus.values()) {
      if (status.isFinal()) {
        diagram.append("    %s --> [*]%n".formatted(status.text()));
      }
    }
    return diagram.append("```\n").toString();
  }

  private static String text(@Nullable BatchStatus status) {
    return status == null ? "[*]" : status.text();
  }
}
