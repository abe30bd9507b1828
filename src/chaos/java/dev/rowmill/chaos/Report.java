package dev.rowmill.chaos;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Describes a run and its results. Times are in milliseconds. */
final class Report {

  private final Map<String, Object> all = new LinkedHashMap<>();

  Report(
      ChaosSettings settings,
      Instant begun,
      Tally tally,
      Watch watch,
      Faults faults,
      Caller caller,
      Site site,
      List<String> violations) {
    all.put("seed", settings.seed());
    all.put("begun", begun.toString());
    all.put("seconds", Duration.between(begun, Instant.now()).toSeconds());
    all.put("nodes", settings.nodes());
    all.put("takeoverConfiguredMillis", settings.takeover().toMillis());
    all.put("faults", counts(faults));
    all.put("answersLost", site.nodes().stream().mapToInt(n -> n.link().answersLost()).sum());
    all.put("batches", tally.outcomes());
    all.put("rowsChecked", tally.rowsChecked());
    all.put("chunksRetried", tally.retries());
    all.put("serialStretchesCompared", tally.serials());
    all.put("requestsAskedAgain", caller.troubles());
    all.put("takeovers", times(watch.takeovers()));
    all.put("stopsAfterSigterm", times(faults.stops()));
    all.put("violations", violations);
  }

  private static Map<String, Object> counts(Faults faults) {
    Map<FaultKind, Integer> survived = faults.survived();
    Map<String, Object> counts = new LinkedHashMap<>();
    faults
        .begun()
        .forEach(
            (kind, begun) ->
                counts.put(
                    kind.text(),
                    Map.of("begun", begun, "survived", survived.getOrDefault(kind, 0))));
    return counts;
  }

  private static Map<String, Object> times(List<Duration> times) {
    List<Duration> sorted = times.stream().sorted().toList();
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("count", sorted.size());
    told.put("median", millis(sorted, sorted.size() / 2));
    told.put("worst", millis(sorted, sorted.size() - 1));
    return told;
  }

  private static @Nullable Long millis(List<Duration> sorted, int index) {
    return sorted.isEmpty() ? null : Long.valueOf(sorted.get(index).toMillis());
  }

  /** Writes it as JSON and as text, and prints the text. */
  void write(Path folder) throws IOException {
    Files.writeString(
        folder.resolve("report.json"),
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(all));
    String text =
        all.entrySet().stream()
            .map(each -> "%-26s %s".formatted(each.getKey(), each.getValue()))
            .collect(Collectors.joining("\n", "", "\n"));
    Files.writeString(folder.resolve("report.txt"), text);
    System.out.println(text);
  }
}
