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
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

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
    return responses.of(refusal, request).response();
  }

  @ServerExceptionMapper
  Response invalid(InvalidRequestException invalid, HttpServerRequest request) {
    return responses.of(invalid, request).response();
  }

  @ServerExceptionMapper
  Response invalidParameters(InvalidParametersException invalid, HttpServerRequest request) {
    return responses.of(invalid, request).response();
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
    return responses.violations(violations, request).response();
  }

  @ServerExceptionMapper
  Response unauthorized(UnauthorizedException unauthorized, RoutingContext context) {
    return denials.of(Denial.noted(context), context.request()).response();
  }

  @ServerExceptionMapper
  Response unauthenticated(AuthenticationFailedException failed, RoutingContext context) {
    return denials.of(Denial.noted(context), context.request()).response();
  }

  @ServerExceptionMapper
  Response forbidden(
      ForbiddenException forbidden, ResourceInfo resource, HttpServerRequest request) {
    return responses
        .of(ProblemType.FORBIDDEN, Map.of("role", RequiredRole.of(resource)), request)
        .response();
  }

  // Needs a mapper, because the platform registers its own for this class.
  @ServerExceptionMapper
  Response notFound(NotFoundException notFound, HttpServerRequest request) {
    return responses.of(ProblemType.NOT_FOUND, request).response();
  }

  @ServerExceptionMapper
  Response plain(WebApplicationException plain, HttpServerRequest request) {
    if (plain.getResponse().getStatusInfo().getFamily() == Response.Status.Family.SUCCESSFUL) {
      return plain.getResponse();
    }
    ProblemType type = ProblemType.ofStatus(plain.getResponse().getStatus());
    if (type == ProblemType.INTERNAL_ERROR) {
      return responses.ofUnforeseen(plain, request).response();
    }
    if (type == ProblemType.INVALID_REQUEST) {
      return responses.violations(List.of(), request).response();
    }
    ProblemResponse problem = responses.of(type, request);
    return type == ProblemType.METHOD_NOT_ALLOWED
        ? problem.with("Allow", AllowedMethods.of(request.path())).response()
        : problem.response();
  }

  @ServerExceptionMapper
  Response unforeseen(Throwable error, HttpServerRequest request) {
    return responses.ofUnforeseen(error, request).response();
  }
}
