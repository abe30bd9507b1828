package dev.rowmill;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ServiceTest {

  private static final RowmillApi API = RowmillApi.local();

  @Inject Clock clock;

  @Test
  void times_are_in_utc() {
    assertEquals(ZoneOffset.UTC, clock.getZone());
  }

  @Test
  void the_service_is_healthy_on_the_tests_database() {
    API.get("/q/health").statusCode(200);
  }
}
