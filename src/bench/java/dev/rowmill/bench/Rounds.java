package dev.rowmill.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures all variants in turn, round by round, so that changes of the machine affect all of them.
 * The first round is a warm-up and is not counted.
 */
final class Rounds {

  private final int counted;
  private final Map<String, Variant> variants = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();

  Rounds(Settings settings) {
    counted = settings.rounds();
    if (counted < 3) {
      notes.add("fewer than 3 rounds: sufficient to try the benchmark, but not to measure");
    }
  }

  Rounds add(String label, Variant variant) {
    variants.put(label, variant);
    return this;
  }

  /** Adds a note to the figures. */
  Rounds note(String note) {
    notes.add(note);
    return this;
  }

  Section run(Scenario scenario, String about) throws Exception {
    System.out.printf("%n%s: %s%n  to warm up%n", scenario.name(), about);
    warmUp();
    Measurements measurements = new Measurements();
    List<String> order = new ArrayList<>(variants.keySet());
    for (int round = 1; round <= counted; round++) {
      System.out.printf("  round %d of %d%n", round, counted);
      for (String label : order) {
        variants.get(label).measure(label, measurements);
      }
      // No variant always runs after the same one, which might affect it.
      Collections.rotate(order, 1);
    }
    return new Section(scenario.name(), about, measurements, List.copyOf(notes));
  }

  /** Runs each variant once without counting it, and finds those that can't be measured here. */
  private void warmUp() throws Exception {
    Measurements forgotten = new Measurements();
    for (String label : List.copyOf(variants.keySet())) {
      try {
        variants.get(label).measure(label, forgotten);
      } catch (SkippedException e) {
        variants.remove(label);
        notes.add(label + " left out: " + e.getMessage());
        System.out.printf("    %s left out: %s%n", label, e.getMessage());
      }
    }
  }
}
