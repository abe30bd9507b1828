package dev.rowmill.rest.batch;

import dev.rowmill.dispatch.SettingsChange;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.JsonBody;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Reads the settings of a batch, at its start and while it is active. Stateless. */
public final class SettingsBody {

  static final Set<String> MEMBERS = Set.of("chunk", "lanes", "limits");

  public static final int FEWEST_ROWS = 10;
  public static final int MOST_ROWS = 100_000;
  public static final int LONGEST_TARGET = 60_000;
  public static final int MOST_LANES = 16;

  static final int MOST_NICE = 100;

  private static final String NICE = "nice";
  public static final String IGNORE = "ignoreThrottle";

  /** Maps each throttle limit to its maximum. A limit of 0 means no limit. */
  public static final Map<String, Integer> LIMITS = limits();

  private SettingsBody() {}

  private static Map<String, Integer> limits() {
    Map<String, Integer> limits = new LinkedHashMap<>();
    limits.put("replicaLagMillis", 86_400_000);
    limits.put("threadsRunning", 100_000);
    limits.put("threadsRunningCritical", 100_000);
    limits.put("commitMillis", 60_000);
    limits.put("historyLength", Integer.MAX_VALUE);
    limits.put("lockWaitMillis", 3_600_000);
    limits.put("rowsPerSecond", Integer.MAX_VALUE);
    limits.put(NICE, MOST_NICE);
    return limits;
  }

  /**
   * Reads a body that changes settings.
   *
   * @throws InvalidRequestException when the bytes are no JSON object, or with all violations of
   *     its members
   */
  static SettingsChange read(byte[] bytes) {
    JsonBody body = JsonBody.of(bytes);
    body.refuseUnknown(MEMBERS);
    SettingsChange change = of(body);
    body.check();
    return change;
  }

  /** Reads the settings of a body that may have other members, too. */
  static SettingsChange of(JsonBody body) {
    JsonBody chunk = body.object("chunk");
    Integer rows = null;
    Integer target = null;
    if (chunk != null) {
      chunk.refuseUnknown(Set.of("rows", "targetMillis"));
      rows = chunk.integer("rows", FEWEST_ROWS, MOST_ROWS);
      target = chunk.integer("targetMillis", 1, LONGEST_TARGET);
    }
    JsonBody limits = body.object("limits");
    if (limits != null) {
      var known = new java.util.HashSet<>(LIMITS.keySet());
      known.add(IGNORE);
      limits.refuseUnknown(known);
      LIMITS.forEach(
          (name, most) -> {
            if (name.equals(NICE)) {
              limits.number(name, 0, most);
            } else {
              limits.integer(name, 0, most);
            }
          });
      limits.bool(IGNORE);
    }
    return new SettingsChange(
        rows, target, body.integer("lanes", 1, MOST_LANES), limits == null ? null : limits.node());
  }
}
