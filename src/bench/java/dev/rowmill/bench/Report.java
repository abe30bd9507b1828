package dev.rowmill.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes the results as text, JSON and a picture to {@code target/bench}. Not thread-safe. */
final class Report {

  private static final Path FOLDER = Path.of("target/bench");

  private final Map<String, String> about = new LinkedHashMap<>();
  private final List<Section> sections = new ArrayList<>();

  /** Adds general information, such as the server's version. */
  void about(String name, String value) {
    about.put(name, value);
  }

  void add(Section section) {
    sections.add(section);
  }

  /** Records that a scenario can't be measured here. */
  void skip(Scenario scenario, String reason) {
    add(new Section(scenario.name(), "left out", new Measurements(), List.of(reason)));
  }

  String text() {
    return TextReport.of(about, sections);
  }

  /** Writes the results so far, so that an aborted run leaves a report. */
  void write() throws IOException {
    Files.createDirectories(FOLDER);
    Files.writeString(FOLDER.resolve("report.txt"), text());
    Files.writeString(FOLDER.resolve("report.json"), JsonReport.of(about, sections));
    Files.writeString(FOLDER.resolve("report.svg"), SvgChart.of(sections));
  }
}
