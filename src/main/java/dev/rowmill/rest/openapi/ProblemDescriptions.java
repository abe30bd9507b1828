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
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.headers.Header;
import org.eclipse.microprofile.openapi.models.media.MediaType;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.eclipse.microprofile.openapi.models.responses.APIResponses;

/** Describes the responses that are problem documents. For one thread. */
final class ProblemDescriptions {

  private final ProblemTexts texts = new ProblemTexts();
  private final ProblemExamples examples = new ProblemExamples(texts);
  private final Components components;

  /** Adds the schema of problem documents to components, to which their examples are added. */
  ProblemDescriptions(Components components) {
    this.components = components;
    components.addSchema(ProblemSchema.NAME, ProblemSchema.of(examples));
  }

  /** Adds the problems of an operation to its responses. */
  void addTo(APIResponses responses, Set<ProblemType> problems) {
    problems.stream()
        .collect(Collectors.groupingBy(ProblemType::status))
        .forEach(
            (status, same) -> responses.addAPIResponse(String.valueOf(status), response(same)));
  }

  private APIResponse response(List<ProblemType> types) {
    MediaType content = OASFactory.createMediaType().schema(Schemas.ref(ProblemSchema.NAME));
    types.forEach(
        type -> {
          components.addExample(
              type.code(),
              OASFactory.createExample().summary(title(type)).value(examples.of(type)));
          content.addExample(type.code(), ResponseExamples.reference(type.code()));
        });
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
