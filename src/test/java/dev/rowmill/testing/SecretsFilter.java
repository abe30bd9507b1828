package dev.rowmill.testing;

import io.quarkus.test.junit.callback.QuarkusTestBeforeEachCallback;
import io.quarkus.test.junit.callback.QuarkusTestMethodContext;
import io.restassured.RestAssured;
import io.restassured.filter.Filter;
import io.restassured.filter.FilterContext;
import io.restassured.response.Response;
import io.restassured.specification.FilterableRequestSpecification;
import io.restassured.specification.FilterableResponseSpecification;

/** Checks each response that a test receives from a service in its own JVM for secrets. */
public final class SecretsFilter implements QuarkusTestBeforeEachCallback, Filter {

  @Override
  public void beforeEach(QuarkusTestMethodContext context) {
    RestAssured.replaceFiltersWith(this);
  }

  @Override
  public Response filter(
      FilterableRequestSpecification request,
      FilterableResponseSpecification expected,
      FilterContext context) {
    Response response = context.next(request, expected);
    // Only this response may contain a secret.
    if (!(request.getMethod().equals("POST") && request.getURI().endsWith("/api/v1/tokens"))) {
      Secrets.assertNone(
          "the answer to " + request.getMethod() + " " + request.getURI(),
          response.headers() + "\n" + response.asString());
    }
    return response;
  }
}
