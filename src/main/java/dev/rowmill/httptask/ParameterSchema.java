package dev.rowmill.httptask;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaException;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import com.networknt.schema.resource.DisallowSchemaLoader;
import java.util.LinkedHashMap;
import java.util.Map;

/** Checks the parameters of an HTTP task by its JSON Schema (2020-12). Thread-safe. */
public final class ParameterSchema {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Loads no schema from elsewhere. */
  private static final JsonSchemaFactory FACTORY =
      JsonSchemaFactory.getInstance(
          SpecVersion.VersionFlag.V202012,
          builder ->
              builder.schemaLoaders(loaders -> loaders.add(DisallowSchemaLoader.getInstance())));

  private static final SchemaValidatorsConfig CONFIG =
      SchemaValidatorsConfig.builder().pathType(PathType.JSON_POINTER).build();

  private final JsonSchema schema;

  private ParameterSchema(JsonSchema schema) {
    this.schema = schema;
  }

  /** Returns a stored schema. */
  static ParameterSchema of(String json) {
    try {
      return of(JSON.readTree(json));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a stored schema is not JSON", e);
    }
  }

  /**
   * Returns a schema.
   *
   * @throws IllegalArgumentException if it is none, or refers to another one
   */
  public static ParameterSchema of(JsonNode json) {
    try {
      JsonSchema schema = FACTORY.getSchema(json, CONFIG);
      schema.initializeValidators();
      return new ParameterSchema(schema);
    } catch (JsonSchemaException | UnsupportedOperationException e) {
      throw new IllegalArgumentException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Returns the messages of the members that violate the schema, by path. */
  Map<String, String> problems(JsonNode parameters) {
    Map<String, String> problems = new LinkedHashMap<>();
    for (ValidationMessage message : schema.validate(parameters)) {
      problems.merge(
          message.getInstanceLocation().toString().replace('/', '.'),
          message.getMessage(),
          (some, more) -> some + "; " + more);
    }
    return problems;
  }
}
