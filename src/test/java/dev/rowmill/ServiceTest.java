package dev.rowmill;

import static io.restassured.RestAssured.given;

import dev.rowmill.testing.DatabaseResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ServiceTest {

  @Test
  void the_service_is_healthy_on_the_tests_database() {
    given().get("/q/health").then().statusCode(200);
  }
}
