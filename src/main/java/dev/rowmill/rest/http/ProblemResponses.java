package dev.rowmill.rest.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.dispatch.task.InvalidParametersException;
import dev.rowmill.task.Refusal;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.core.Response;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Creates HTTP responses for problems. Safe for many threads. */
@ApplicationScoped
public class ProblemResponses {

  private static final Logger LOG = Logger.getLogger(ProblemResponses.class);

  /**
   * Sets the default of {@code Retry-After}, in seconds, for when no better estimate is available.
   */
  private static final String SOON = "5";

  /** Represents a complete response. */
  public record ProblemResponse(int status, Map<String, String> headers, byte[] body) {

    /** Returns the response in the form that a resource returns. */
    public Response response() {
      Response.ResponseBuilder response = Response.status(status).entity(body);
      headers.forEach(response::header);
      return response.build();
    }

    ProblemResponse with(String header, String value) {
      Map<String, String> all = new LinkedHashMap<>(headers);
      all.put(header, value);
      return new ProblemResponse(status, all, body);
    }

    /** Sends the response where no resource handles the request. */
    void send(HttpServerResponse response) {
      response.setStatusCode(status);
      headers.forEach(response::putHeader);
      response.end(Buffer.buffer(body));
    }
  }

  private final Problems problems;
  private final ObjectMapper mapper;

  ProblemResponses(Problems problems, ObjectMapper mapper) {
    this.problems = problems;
    this.mapper = mapper;
  }

  ProblemResponse of(ProblemType type, HttpServerRequest request) {
    return of(type, Map.of(), request);
  }

  ProblemResponse of(ProblemType type, Map<String, ?> members, HttpServerRequest request) {
    return of(new Refusal(type.code(), members), request);
  }

  ProblemResponse of(Refusal refusal, HttpServerRequest request) {
    Language language = language(request);
    Map<String, Object> document =
        problems.document(
            refusal.type(), refusal.members(), refusal.reasons(), request.path(), language);
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", Problems.MEDIA_TYPE);
    headers.put("Content-Language", language.tag());
    headers.put("Vary", "Accept-Language");
    int status = Problems.status(refusal.type());
    if (status == 503) {
      headers.put("Retry-After", SOON);
    } else if (refusal.type().equals(ProblemType.PROJECT_BUSY.code())) {
      headers.put("Retry-After", untilFree(refusal.members().get("progress")));
    }
    return new ProblemResponse(status, headers, bytes(document));
  }

  ProblemResponse of(InvalidRequestException invalid, HttpServerRequest request) {
    return violations(problems.violations(invalid.violations(), language(request)), request);
  }

  ProblemResponse of(InvalidParametersException invalid, HttpServerRequest request) {
    return violations(
        invalid.violations().stream()
            .map(violation -> Problems.violation(violation.field(), violation.message()))
            .toList(),
        request);
  }

  /** Returns the response for what an operation has thrown. */
  public ProblemResponse ofError(Throwable error, HttpServerRequest request) {
    if (error instanceof Refusal refusal) {
      return of(refusal, request);
    } else if (error instanceof InvalidRequestException invalid) {
      return of(invalid, request);
    } else if (error instanceof InvalidParametersException invalid) {
      return of(invalid, request);
    } else if (error instanceof NotFoundException || error instanceof NoSuchElementException) {
      return of(ProblemType.NOT_FOUND, request);
    }
    return ofUnforeseen(error, request);
  }

  /**
   * Returns the response for an invalid request.
   *
   * @param violations each with {@code field} and {@code message}
   */
  ProblemResponse violations(List<Map<String, String>> violations, HttpServerRequest request) {
    return of(ProblemType.INVALID_REQUEST, Map.of("violations", violations), request);
  }

  /**
   * Returns the response for an unexpected error: 503 for a transient failure of the database, else
   * 500. Logs the error.
   */
  ProblemResponse ofUnforeseen(Throwable error, HttpServerRequest request) {
    if (DatabaseFailure.isTransient(error)) {
      LOG.warnf("%s %s: the database is unavailable: %s", request.method(), request.path(), error);
      return of(ProblemType.DATABASE_UNAVAILABLE, request);
    }
    String id = UUID.randomUUID().toString();
    LOG.errorf(
        error, "%s %s failed, reported under the id %s", request.method(), request.path(), id);
    return of(ProblemType.INTERNAL_ERROR, Map.of("id", id), request);
  }

  private static Language language(HttpServerRequest request) {
    return Language.of(String.join(",", request.headers().getAll("Accept-Language")));
  }

  private static String untilFree(@Nullable Object progress) {
    return progress instanceof Eta body && body.etaSeconds() != null
        ? String.valueOf(Math.min(60, Math.max(1, body.etaSeconds())))
        : SOON;
  }

  private byte[] bytes(Map<String, Object> document) {
    try {
      return mapper.writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("problem " + document + " can't be written as JSON", e);
    }
  }
}
