package dev.rowmill.operations;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the queries of the Grafana dashboard, and the names that they use. */
final class Panels {

  private static final Path FILE = Path.of("grafana/rowmill.json");

  private static final Pattern TEXT = Pattern.compile("\"[^\"]*\"");
  private static final Pattern GROUPING = Pattern.compile("\\b(?:by|without) \\(([^)]*)\\)");
  private static final Pattern MATCHERS = Pattern.compile("\\{([^}]*)}");
  private static final Pattern RANGE = Pattern.compile("\\[[^]]*]");
  private static final Pattern FUNCTION = Pattern.compile("\\b[a-z_]+\\s*\\(");
  private static final Pattern WORD = Pattern.compile("[a-zA-Z_:][\\w:]*");

  private final JsonNode dashboard;

  private Panels(JsonNode dashboard) {
    this.dashboard = dashboard;
  }

  static Panels read() throws IOException {
    return new Panels(new ObjectMapper().readTree(FILE.toFile()));
  }

  JsonNode dashboard() {
    return dashboard;
  }

  /** Returns the text of each panel's queries. */
  List<String> queries() {
    List<String> queries = new ArrayList<>();
    dashboard.findValues("expr").forEach(expr -> queries.add(expr.asText()));
    return queries;
  }

  /** Returns the names of the metrics that a query uses. */
  static Set<String> metrics(String query) {
    String rest = TEXT.matcher(query).replaceAll("");
    for (Pattern other : List.of(MATCHERS, RANGE, GROUPING, FUNCTION)) {
      rest = other.matcher(rest).replaceAll(" ");
    }
    Set<String> names = new TreeSet<>();
    Matcher word = WORD.matcher(rest);
    while (word.find()) {
      names.add(word.group());
    }
    return names;
  }

  /** Returns the names of the labels that a query selects or groups by. */
  static Set<String> labels(String query) {
    String rest = TEXT.matcher(query).replaceAll("");
    Set<String> names = new TreeSet<>();
    for (Pattern part : List.of(MATCHERS, GROUPING)) {
      Matcher matcher = part.matcher(rest);
      while (matcher.find()) {
        Matcher word = WORD.matcher(matcher.group(1));
        while (word.find()) {
          names.add(word.group());
        }
      }
    }
    return names;
  }
}
