package dev.rowmill.testing;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.List;

/** Runs a service that requires tokens, once for all tests that need it. */
public final class TokenProfile implements QuarkusTestProfile {

  @Override
  public List<TestResourceEntry> testResources() {
    return List.of(new TestResourceEntry(TokenMode.class));
  }
}
