package dev.rowmill.chaos;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs nodes on a database, projects with batches, and faults, and checks the result. Not
 * thread-safe.
 */
final class Chaos {

  static final Path FOLDER = Path.of("target/chaos").toAbsolutePath();

  /** Sets the part of the faults' duration in which batches begin. */
  private static final double LOAD_SHARE = 0.9;

  private final ChaosSettings settings;

  Chaos(ChaosSettings settings) {
    this.settings = settings;
  }

  /**
   * Runs everything, and writes the report.
   *
   * @return violations
   */
  List<String> run() throws IOException, SQLException, InterruptedException {
    System.out.printf("Chaos: -Dtesting.seed=%d, %s%n", settings.seed(), settings);
    Instant begun = Instant.now();
    try (var journal = new Journal(FOLDER.resolve("events.log"))) {
      journal.note(settings.toString());
      var tally = new Tally();
      try (var site = new Site(settings, journal);
          var watch = new Watch(site, journal);
          var faults = new Faults(settings, site, watch, journal)) {
        var caller = new Caller(site, journal);
        List<Project> projects = projects(site, caller, journal, tally);
        site.start();
        watch.start();
        long start = System.nanoTime();
        if (settings.kills() > 0) {
          takeOvers(site, watch, journal, projects);
        } else {
          faults(faults, journal, projects, start);
        }
        journal.note("all batches have ended");
        tally.overlaps().forEach(journal::violation);
        var leftovers = new Leftovers(site, caller, journal, tally);
        leftovers.checkIdle();
        for (Project project : projects) {
          project.checkAgain();
        }
        site.stopNodes();
        leftovers.checkStopped();
        new Report(settings, begun, tally, watch, faults, caller, site, journal.violations())
            .write(FOLDER);
      }
      return journal.violations();
    }
  }

  private List<Project> projects(Site site, Caller caller, Journal journal, Tally tally)
      throws SQLException {
    List<Project> projects = new ArrayList<>();
    try (Connection connection = site.connect()) {
      for (int i = 1; i <= settings.projects(); i++) {
        String name = "p" + i;
        ProjectRows rows = ProjectRows.create(connection, Site.WORK, name, settings.rows());
        projects.add(new Project(name, rows, caller, site, journal, tally, settings.seed()));
      }
    }
    return projects;
  }

  private void faults(Faults faults, Journal journal, List<Project> projects, long start)
      throws InterruptedException {
    long end = start + Duration.ofSeconds(settings.seconds()).toNanos();
    long deadline = end + settings.patience().toNanos();
    List<Thread> load = new ArrayList<>();
    for (int i = 0; i < projects.size(); i++) {
      int first = i;
      load.add(load(projects.get(i), first, start, deadline, journal));
    }
    while (System.nanoTime() - end < 0) {
      Thread.sleep(settings.faultMillis());
      faults.next();
    }
    faults.awaitEnd();
    journal.note("the last fault is over");
    for (Thread thread : load) {
      thread.join();
    }
  }

  /** Runs every n-th batch, on this project. */
  private Thread load(Project project, int first, long start, long deadline, Journal journal) {
    double apart = LOAD_SHARE * settings.seconds() * 1e9 / settings.batches();
    return begin(
        "chaos-load-" + first,
        journal,
        () -> {
          for (int i = first; i < settings.batches(); i += settings.projects()) {
            long due = start + Math.round(apart * i) - System.nanoTime();
            if (due > 0) {
              Thread.sleep(Duration.ofNanos(due).toMillis());
            }
            project.run(BatchPlan.of(settings, i), deadline);
          }
        });
  }

  /** Kills nodes one after another, each while it runs a batch, without other faults. */
  private void takeOvers(Site site, Watch watch, Journal journal, List<Project> projects)
      throws InterruptedException {
    var left = new AtomicInteger(settings.kills());
    var number = new AtomicInteger();
    List<Thread> load = new ArrayList<>();
    for (Project project : projects) {
      load.add(
          begin(
              "chaos-load",
              journal,
              () -> {
                while (left.get() > 0) {
                  BatchPlan plan = BatchPlan.steady(settings, number.getAndIncrement());
                  project.run(plan, System.nanoTime() + settings.patience().toNanos());
                }
              }));
    }
    for (int kill = 0; kill < settings.kills(); kill++) {
      long deadline = System.nanoTime() + settings.patience().toNanos();
      Node node = site.nodes().get(0);
      // If other nodes are down, too, their starts would be measured.
      while (site.nodes().stream().anyMatch(each -> each.address().isEmpty())
          || watch.runningOn(node.name()) == 0) {
        node =
            Collections.max(
                site.nodes(), Comparator.comparing(each -> watch.runningOn(each.name())));
        if (System.nanoTime() - deadline > 0) {
          journal.violation("not all nodes listen, or none runs a batch");
          break;
        }
        Thread.sleep(50);
      }
      Watch.Death death = watch.dying(node.name());
      node.kill(Duration.ZERO);
      death.happened();
      journal.note("kill " + (kill + 1) + ", of " + node.name());
      while (watch.orphans() > 0) {
        if (System.nanoTime() - deadline > 0) {
          journal.violation("no node takes over the batches of " + node.name());
          break;
        }
        Thread.sleep(20);
      }
    }
    left.set(0);
    for (Thread thread : load) {
      thread.join();
    }
  }

  private interface Work {
    void run() throws InterruptedException;
  }

  private static Thread begin(String name, Journal journal, Work work) {
    var thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } catch (RuntimeException e) {
                journal.violation("the load failed: " + e);
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }
}
