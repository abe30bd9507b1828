package dev.rowmill.rest.openapi;

import static dev.rowmill.rest.http.ProblemType.PROJECT_BUSY;
import static dev.rowmill.rest.openapi.Schemas.type;

import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.ProblemTexts;
import dev.rowmill.rest.http.ProblemType;
import dev.rowmill.rest.http.Problems;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.headers.Header;
import org.eclipse.microprofile.openapi.models.media.MediaType;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.eclipse.microprofile.openapi.models.responses.APIResponses;

/** Describes the responses that are problem documents. Stateless. */
final class ProblemDescriptions {

  private final ProblemTexts texts = new ProblemTexts();
  private final ProblemExamples examples = new ProblemExamples(texts);

  /** Returns the schema of a problem document. */
  static Schema problem() {
    return type(
            SchemaType.OBJECT,
            "A problem document (RFC 9457). Further members depend on the type; title and detail"
                + " follow Accept-Language")
        .addProperty("type", type(SchemaType.STRING, "Type of problem, the same in each language"))
        .addProperty("title", type(SchemaType.STRING, "Short name of the type"))
        .addProperty("status", type(SchemaType.INTEGER, "The HTTP status"))
        .addProperty("detail", type(SchemaType.STRING, "What happened and what to do"))
        .addProperty(
            "instance", type(SchemaType.STRING, "Path of the object that the problem concerns"))
        .required(List.of("type", "title", "status", "instance"))
        .additionalPropertiesBoolean(true);
  }

  /** Adds the problems of an operation to its responses. */
  void addTo(APIResponses responses, Set<ProblemType> problems) {
    problems.stream()
        .collect(Collectors.groupingBy(ProblemType::status))
        .forEach(
            (status, same) -> responses.addAPIResponse(String.valueOf(status), response(same)));
  }

  private APIResponse response(List<ProblemType> types) {
    MediaType content =
        OASFactory.createMediaType()
            .schema(OASFactory.createSchema().ref("#/components/schemas/Problem"));
    types.forEach(
        type ->
            content.addExample(
                type.code(),
                OASFactory.createExample().summary(title(type)).value(examples.of(type))));
    APIResponse response =
        OASFactory.createAPIResponse()
            .description(
                types.stream()
                    .map(type -> "/problems/" + type.code() + ": " + title(type))
                    .collect(Collectors.joining("; ")))
            .content(OASFactory.createContent().addMediaType(Problems.MEDIA_TYPE, content));
    int status = types.get(0).status();
    if (status == 401) {
      response.addHeader("WWW-Authenticate", AccessSchemas.challenge());
    }
    if (types.contains(PROJECT_BUSY) || status == 503 || status == 429) {
      response.addHeader("Retry-After", retryAfter());
    }
    return response;
  }

  private String title(ProblemType type) {
    return texts.title(type.code(), Language.ENGLISH);
  }

  private static Header retryAfter() {
    return OASFactory.createHeader()
        .description("Seconds after which the client should try again")
        .schema(type(SchemaType.INTEGER, "Seconds"));
  }
}
