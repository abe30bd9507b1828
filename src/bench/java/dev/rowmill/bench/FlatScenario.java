package dev.rowmill.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Measures requests after few and after very many batches. */
final class FlatScenario implements Scenario {

  private static final int SHORTEST = 100;
  private static final int CALLS = 200;

  /** Represents a request to one of the services, measured in milliseconds. */
  private interface Request {
    double millis(FlatSite site) throws Exception;
  }

  @Override
  public String name() {
    return "flat";
  }

  @Override
  public void run(Bench bench) throws Exception {
    int longest = bench.settings().history();
    TreeSet<Integer> lengths = new TreeSet<>(List.of(SHORTEST, longest / 10, longest));
    List<FlatSite> sites = new ArrayList<>();
    try {
      for (int length : lengths) {
        System.out.printf("%nwriting a history of %,d batches%n", length);
        sites.add(FlatSite.open(bench.database(), length));
      }
      Rounds rounds = new Rounds(bench.settings());
      add(rounds, sites, "start", FlatSite::millisToStart);
      add(rounds, sites, "status of a batch", site -> FlatSite.millis(site::status));
      add(rounds, sites, "page of the newest batches", site -> FlatSite.millis(site::newest));
      add(rounds, sites, "page from the middle", site -> FlatSite.millis(site::fromTheMiddle));
      add(rounds, sites, "page of few that match", site -> FlatSite.millis(site::rare));
      add(rounds, sites, "last batch of a project", site -> FlatSite.millis(site::ofProject));
      add(rounds, sites, "overview of the projects", site -> FlatSite.millis(site::overview));
      add(rounds, sites, "overview of the running ones", site -> FlatSite.millis(site::running));
      rounds.note("each number is the median of 200 calls, made to the services in turn");
      rounds.note("the histories are in schemas of their own, each with a service that runs");
      String about =
          "requests after a history of %,d to %,d batches of up to %,d projects"
              .formatted(lengths.first(), lengths.last(), History.PROJECTS);
      bench.report().add(rounds.run(this, about));
      for (FlatSite site : sites) {
        site.assertStartsDone();
      }
    } finally {
      for (FlatSite site : sites) {
        site.close();
      }
    }
  }

  private static void add(Rounds rounds, List<FlatSite> sites, String title, Request request) {
    Metric metric = Metric.cost(title + ", milliseconds", FlatSite.label(SHORTEST));
    rounds.add(title, (label, into) -> measure(sites, request, metric, into));
  }

  private static void measure(
      List<FlatSite> sites, Request request, Metric metric, Measurements into) throws Exception {
    Map<FlatSite, List<Double>> millis = new LinkedHashMap<>();
    for (int i = 0; i < CALLS; i++) {
      for (FlatSite site : sites) {
        millis.computeIfAbsent(site, it -> new ArrayList<>()).add(request.millis(site));
      }
    }
    millis.forEach((site, each) -> into.add(metric, site.label(), Numbers.median(each)));
  }
}
