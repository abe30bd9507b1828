package dev.rowmill.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/** Writes the report for other programs, with every single measurement. */
final class JsonReport {

  private static final ObjectMapper JSON = new ObjectMapper();

  private JsonReport() {}

  static String of(Map<String, String> about, List<Section> sections)
      throws JsonProcessingException {
    ObjectNode report = JSON.createObjectNode();
    about.forEach(report::put);
    ArrayNode scenarios = report.putArray("scenarios");
    for (Section section : sections) {
      ObjectNode scenario = scenarios.addObject();
      scenario.put("name", section.scenario()).put("about", section.about());
      ArrayNode tables = scenario.putArray("tables");
      for (Metric metric : section.measurements().metrics()) {
        ObjectNode table = tables.addObject();
        table.put("title", metric.title()).put("moreIsBetter", metric.moreIsBetter());
        table.put("base", metric.base());
        ArrayNode lines = table.putArray("lines");
        section.measurements().lines(metric).forEach(line -> add(lines.addObject(), line));
      }
      section.notes().forEach(scenario.putArray("notes")::add);
    }
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(report);
  }

  private static void add(ObjectNode node, Measurements.Line line) {
    node.put("label", line.label());
    node.put("median", line.median());
    node.put("lowest", line.lowest());
    node.put("highest", line.highest());
    node.put("ratio", line.ratio().orElse(null));
    line.values().forEach(node.putArray("values")::add);
  }
}
