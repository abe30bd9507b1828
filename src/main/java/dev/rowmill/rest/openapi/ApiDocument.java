package dev.rowmill.rest.openapi;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.List;
import java.util.Objects;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;

/**
 * Adds to the OpenAPI document what annotations cannot express: the problems of each operation, an
 * example of each problem and response, the bodies of requests, and the data of events. It also
 * completes the schemas of responses.
 */
@OpenApiFilter(OpenApiFilter.RunStage.BUILD)
public final class ApiDocument implements OASFilter {

  @Override
  public void filterOpenAPI(OpenAPI document) {
    Components components = document.getComponents();
    var problems = new ProblemDescriptions(components);
    new RequestSchemas(components).add();
    AccessSchemas.addTo(document);
    document.addServer(
        OASFactory.createServer().url("/").description("The service that serves this document"));
    ResponseSchemas.complete(components);
    EventSchemas.addTo(components);
    var examples = new ResponseExamples(components);
    document
        .getPaths()
        .getPathItems()
        .forEach(
            (path, item) ->
                item.getOperations()
                    .forEach(
                        (method, operation) -> {
                          complete(path, operation);
                          operation
                              .getResponses()
                              .getAPIResponses()
                              .values()
                              .forEach(examples::addTo);
                          problems.addTo(
                              operation.getResponses(),
                              OperationProblems.of(path, method, operation));
                        }));
  }

  private static void complete(String path, Operation operation) {
    List<Parameter> parameters = Objects.requireNonNullElse(operation.getParameters(), List.of());
    parameters.forEach(it -> CommonParameters.describe(path, it));
    operation.getResponses().getAPIResponses().values().forEach(CommonParameters::describe);
    parameters.stream()
        .filter(it -> ResponseSchemas.ENUMERATIONS.containsKey(it.getName()))
        .forEach(it -> it.getSchema().enumeration(ResponseSchemas.ENUMERATIONS.get(it.getName())));
    AccessSchemas.require(operation);
    EventSchemas.describe(operation);
  }
}
