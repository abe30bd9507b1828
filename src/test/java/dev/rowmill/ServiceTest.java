package dev.rowmill;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.testing.DatabaseResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ServiceTest {

  @Inject Clock clock;

  @Test
  void time_is_told_in_utc() {
    assertEquals(ZoneOffset.UTC, clock.getZone());
  }

  @Test
  void the_service_is_healthy_on_the_tests_database() {
    given().get("/q/health").then().statusCode(200);
  }
}
