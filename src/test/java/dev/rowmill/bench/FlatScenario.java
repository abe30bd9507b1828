package dev.rowmill.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** What a request costs after few and after very many batches. */
final class FlatScenario implements Scenario {

  private static final int SHORTEST = 100;

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
      Rounds rounds = new Rounds(bench.settings());
      for (int length : lengths) {
        System.out.printf("%nwriting a history of %,d batches%n", length);
        FlatSite site = FlatSite.open(bench.database(), length);
        sites.add(site);
        rounds.add(site.label(), (label, into) -> measure(site, label, into));
      }
      rounds.note("each number is the median of 200 calls one after the other");
      rounds.note("the histories are in schemas of their own, each with a service that runs");
      String about =
          "requests after a history of %,d to %,d batches of up to %,d projects"
              .formatted(lengths.first(), lengths.last(), History.PROJECTS);
      bench.report().add(rounds.run(this, about));
    } finally {
      for (FlatSite site : sites) {
        site.close();
      }
    }
  }

  private static void measure(FlatSite site, String label, Measurements into) throws Exception {
    into.add(metric("start"), label, site.millisToStart());
    into.add(metric("status of a batch"), label, FlatSite.millis(site::status));
    into.add(metric("page of the newest batches"), label, FlatSite.millis(site::newest));
    into.add(metric("page from the middle"), label, FlatSite.millis(site::fromTheMiddle));
    into.add(metric("page of a project's batches"), label, FlatSite.millis(site::ofProject));
    into.add(metric("overview of the projects"), label, FlatSite.millis(site::overview));
    into.add(metric("overview of the running ones"), label, FlatSite.millis(site::running));
  }

  private static Metric metric(String call) {
    return Metric.cost(call + ", milliseconds", FlatSite.label(SHORTEST));
  }
}
