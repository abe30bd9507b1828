package dev.rowmill.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.doctor.Finding;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Checks a service that may be running. Stateless. */
final class ServiceCheck {

  private static final String CHECK = "service";

  private ServiceCheck() {}

  /** Returns what the service reports of itself; it is no problem if it is not running. */
  static Finding of(Api api) {
    Api.Reply ready;
    try {
      ready = api.exchange("GET", "/q/health/ready", null, Map.of());
    } catch (CommandException e) {
      return Finding.ok(CHECK, "none responds at " + api.address());
    }
    JsonNode checks = ready.body().path("checks");
    if (!checks.isArray()) {
      return Finding.warning(
          CHECK,
          "the address responds with status " + ready.status() + ", and is no service of Rowmill",
          "Set the address of the service with --server or ROWMILL_SERVER.");
    }
    Set<String> down = new TreeSet<>();
    for (JsonNode check : checks) {
      if (!check.path("status").asText().equals("UP")) {
        down.add(check.path("name").asText());
      }
    }
    return down.isEmpty()
        ? nodes(api.exchange("GET", "nodes", null, Map.of()))
        : Finding.error(
            CHECK,
            "it runs, and is not ready: " + String.join(", ", down),
            "See its log, and docs/operations.md#health.");
  }

  /** Compares the versions of its nodes with that of this program. */
  private static Finding nodes(Api.Reply nodes) {
    String own = RowmillVersion.number();
    if (!nodes.isAccepted()) {
      return Finding.ok(
          CHECK, "it runs and is ready; with a token, its version would be compared with " + own);
    }
    Set<String> versions = new TreeSet<>();
    nodes.body().path("nodes").forEach(node -> versions.add(node.path("version").asText()));
    return versions.equals(Set.of(own))
        ? Finding.ok(CHECK, "it runs and is ready, version " + own)
        : Finding.warning(
            CHECK,
            "it runs version " + String.join(", ", versions) + ", and this program is " + own,
            "Use the program of the service's version, or restart the service with this one.");
  }
}
