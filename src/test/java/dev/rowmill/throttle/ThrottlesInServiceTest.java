package dev.rowmill.throttle;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** Tests the throttles as the service creates them, on its own pool and with its configuration. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ThrottlesInServiceTest {

  private static final RowmillApi API = RowmillApi.local();

  @Inject Throttles throttles;
  @Inject ThrottleConfig config;

  @ConfigProperty(name = "quarkus.datasource.username")
  String user;

  @Test
  void the_servers_are_sampled_while_a_pace_is_open() {
    Thresholds limits = throttles.defaults();
    assertEquals(25, limits.threadsRunning());
    assertTrue(config.replicas().isEmpty());
    assertEquals(user, config.replicaUsername().orElseThrow());
    try (Pace pace = throttles.begin()) {
      assertInstanceOf(Verdict.Go.class, pace.next(limits));
      assertTrue(Asking.awaitRead(throttles.measures().threads()) >= 1);
      Asking.awaitRead(throttles.measures().history());
      Asking.awaitRead(throttles.measures().locks());
      API.get("/q/metrics")
          .body(containsString("rowmill_throttle_threads_running"))
          .body(not(containsString("rowmill_throttle_threads_running NaN")))
          .body(containsString("rowmill_throttle_history_length"));
      assertInstanceOf(Verdict.Go.class, pace.next(limits));
    }
  }
}
