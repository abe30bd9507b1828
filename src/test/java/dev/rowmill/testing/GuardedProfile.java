package dev.rowmill.testing;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;

/**
 * Runs a service with its safeguards on: each statement needs a WHERE, and more than 50 rows need
 * an approval.
 */
public final class GuardedProfile implements QuarkusTestProfile {

  /** Sets the number of rows above which an approval is needed. */
  public static final int ROWS = 50;

  @Override
  public Map<String, String> getConfigOverrides() {
    return Map.of(
        "rowmill.guard.require-where", "true", "rowmill.approval.rows", String.valueOf(ROWS));
  }
}
