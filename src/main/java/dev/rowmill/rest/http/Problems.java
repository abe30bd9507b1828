package dev.rowmill.rest.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.batch.Failure;
import dev.rowmill.rest.http.InvalidRequestException.Violation;
import dev.rowmill.task.Refusal.Reason;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Creates problem documents in the caller's language. Safe for many threads.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457, Problem Details for HTTP APIs</a>
 */
@ApplicationScoped
public class Problems {

  public static final String MEDIA_TYPE = "application/problem+json";

  private static final Set<String> STANDARD =
      Set.of("type", "title", "status", "detail", "instance");

  private final ProblemTexts texts;

  public Problems(ProblemTexts texts) {
    this.texts = texts;
  }

  /**
   * Creates a problem document.
   *
   * @param code the last part of the type; an unknown one is a task's own refusal
   * @param instance path of the object that the problem concerns
   * @return the document's members in their order
   */
  public Map<String, Object> document(
      String code,
      Map<String, ?> members,
      List<Reason> reasons,
      String instance,
      Language language) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("type", "/problems/" + code);
    document.put("title", texts.title(code, language));
    document.put("status", status(code));
    String detail = texts.detail(code, members, language);
    if (detail != null) {
      document.put("detail", detail);
    }
    document.put("instance", instance);
    members.forEach(
        (name, value) -> {
          if (!STANDARD.contains(name)) {
            document.put(name, value);
          }
        });
    if (!reasons.isEmpty()) {
      document.put(
          "reasons", reasons.stream().map(reason -> texts.reason(reason, language)).toList());
    }
    return document;
  }

  /** Creates the problem document for the error of a failed batch. */
  public Map<String, Object> document(Failure failure, String instance, Language language) {
    Map<String, Object> members = new LinkedHashMap<>(failure.members());
    members.computeIfPresent("chunk", (name, chunk) -> withCursors(chunk));
    return document(failure.type(), members, failure.reasons(), instance, language);
  }

  /** Returns the violations of a request, for the member {@code violations}. */
  public List<Map<String, String>> violations(List<Violation> violations, Language language) {
    return violations.stream()
        .map(
            violation ->
                violation(violation.field(), texts.violation(violation.reason(), language)))
        .toList();
  }

  public static Map<String, String> violation(String field, String message) {
    Map<String, String> violation = new LinkedHashMap<>();
    violation.put("field", field);
    violation.put("message", message);
    return violation;
  }

  /**
   * Returns the HTTP status of a problem. A task's own type gets 422, because the caller can fix
   * the request.
   */
  static int status(String code) {
    return ProblemType.of(code).map(ProblemType::status).orElse(422);
  }

  /** Replaces cursors of statements, which are JSON arrays stored as text, by the arrays. */
  private static Object withCursors(Object chunk) {
    if (!(chunk instanceof Map<?, ?> members)) {
      return chunk;
    }
    Map<String, Object> shown = new LinkedHashMap<>();
    members.forEach(
        (name, value) ->
            shown.put(
                String.valueOf(name),
                value instanceof String text && text.startsWith("[") ? array(text) : value));
    return shown;
  }

  private static Object array(String text) {
    try {
      JsonNode read = StrictJson.MAPPER.readTree(text);
      return read.isArray() ? read : text;
    } catch (JsonProcessingException e) {
      return text;
    }
  }
}
