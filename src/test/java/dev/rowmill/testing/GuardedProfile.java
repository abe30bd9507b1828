package dev.rowmill.testing;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;

/** A service whose guards are up: no whole tables, and more than 50 rows want an approval. */
public final class GuardedProfile implements QuarkusTestProfile {

  /** More rows than this want an approval. */
  public static final int ROWS = 50;

  @Override
  public Map<String, String> getConfigOverrides() {
    return Map.of(
        "rowmill.guard.require-where", "true", "rowmill.approval.rows", String.valueOf(ROWS));
  }
}
