package dev.rowmill.rest.http;

import dev.rowmill.dispatch.task.InvalidParametersException;
import dev.rowmill.rest.http.ProblemResponses.ProblemResponse;
import dev.rowmill.security.Denial;
import dev.rowmill.task.Refusal;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.validation.ConstraintViolationException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jboss.resteasy.reactive.server.SimpleResourceInfo;

/** Converts the exceptions that resources throw to problem documents. */
@ApplicationScoped
class ProblemMappers {

  private final ProblemResponses responses;
  private final DenialResponses denials;

  ProblemMappers(ProblemResponses responses, DenialResponses denials) {
    this.responses = responses;
    this.denials = denials;
  }

  @ServerExceptionMapper
  Response refused(Refusal refusal, HttpServerRequest request) {
    return response(responses.of(refusal, request));
  }

  @ServerExceptionMapper
  Response invalid(InvalidRequestException invalid, HttpServerRequest request) {
    return response(responses.of(invalid, request));
  }

  @ServerExceptionMapper
  Response invalidParameters(InvalidParametersException invalid, HttpServerRequest request) {
    List<Map<String, String>> violations =
        invalid.violations().stream()
            .map(violation -> Problems.violation(violation.field(), violation.message()))
            .toList();
    return response(responses.violations(violations, request));
  }

  @ServerExceptionMapper
  Response violated(ConstraintViolationException violated, HttpServerRequest request) {
    List<Map<String, String>> violations =
        violated.getConstraintViolations().stream()
            .map(
                violation ->
                    Problems.violation(
                        violation.getPropertyPath().toString(), violation.getMessage()))
            .toList();
    return response(responses.violations(violations, request));
  }

  @ServerExceptionMapper
  Response unauthorized(UnauthorizedException unauthorized, RoutingContext context) {
    return response(denials.of(Denial.noted(context), context.request()));
  }

  @ServerExceptionMapper
  Response unauthenticated(AuthenticationFailedException failed, RoutingContext context) {
    return response(denials.of(Denial.noted(context), context.request()));
  }

  @ServerExceptionMapper
  Response forbidden(
      ForbiddenException forbidden, SimpleResourceInfo resource, HttpServerRequest request) {
    return response(
        responses.of(ProblemType.FORBIDDEN, Map.of("role", RequiredRole.of(resource)), request));
  }

  // Needs a mapper, because the platform registers its own for this class.
  @ServerExceptionMapper
  Response notFound(NotFoundException notFound, HttpServerRequest request) {
    return response(responses.of(ProblemType.NOT_FOUND, request));
  }

  @ServerExceptionMapper
  Response plain(WebApplicationException plain, HttpServerRequest request) {
    if (plain.getResponse().getStatusInfo().getFamily() == Response.Status.Family.SUCCESSFUL) {
      return plain.getResponse();
    }
    ProblemType type = ProblemType.ofStatus(plain.getResponse().getStatus());
    if (type == ProblemType.INTERNAL_ERROR) {
      return response(responses.ofUnforeseen(plain, request));
    }
    if (type == ProblemType.INVALID_REQUEST) {
      return response(responses.violations(List.of(), request));
    }
    Response.ResponseBuilder response = responses.of(type, request).response();
    return type == ProblemType.METHOD_NOT_ALLOWED
        ? response.header(HttpHeaders.ALLOW, AllowedMethods.of(request.path())).build()
        : response.build();
  }

  @ServerExceptionMapper
  Response unforeseen(Throwable error, HttpServerRequest request) {
    return response(responses.ofUnforeseen(error, request));
  }

  private static Response response(ProblemResponse problem) {
    return problem.response().build();
  }
}
