package dev.rowmill.testing;

import io.quarkus.test.junit.callback.QuarkusTestBeforeEachCallback;
import io.quarkus.test.junit.callback.QuarkusTestMethodContext;
import io.restassured.RestAssured;
import io.restassured.filter.Filter;
import io.restassured.filter.FilterContext;
import io.restassured.response.Response;
import io.restassured.specification.FilterableRequestSpecification;
import io.restassured.specification.FilterableResponseSpecification;

/** Looks for secrets in every answer that a test within the service's own JVM is given. */
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
    // The one answer that hands a secret over.
    if (!(request.getMethod().equals("POST") && request.getURI().endsWith("/api/v1/tokens"))) {
      Secrets.assertNone(
          "the answer to " + request.getMethod() + " " + request.getURI(),
          response.headers() + "\n" + response.asString());
    }
    return response;
  }
}
