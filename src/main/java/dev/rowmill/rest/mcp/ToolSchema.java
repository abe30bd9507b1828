package dev.rowmill.rest.mcp;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.rest.http.BodyReader;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * Describes the arguments of tools as JSON Schema, from the records that {@link BodyReader} reads:
 * bounds are those that it enforces. Stateless.
 */
final class ToolSchema {

  private static final Map<Class<?>, String> TYPES =
      Map.of(
          String.class, "string",
          Boolean.class, "boolean",
          Integer.class, "integer",
          Long.class, "integer",
          ObjectNode.class, "object");

  private ToolSchema() {}

  /** Returns the schema of an object with the components of a record, and no other members. */
  static Map<String, Object> of(Class<? extends Record> arguments) {
    Map<String, Object> properties = new LinkedHashMap<>();
    List<String> required = new ArrayList<>();
    for (RecordComponent component : arguments.getRecordComponents()) {
      properties.put(component.getName(), property(component));
      if (component.getAccessor().isAnnotationPresent(NotNull.class)) {
        required.add(component.getName());
      }
    }
    return Map.of(
        "type",
        "object",
        "properties",
        properties,
        "required",
        required,
        "additionalProperties",
        false);
  }

  private static Map<String, Object> property(RecordComponent component) {
    Method accessor = component.getAccessor();
    Map<String, Object> property = new LinkedHashMap<>();
    property.put("type", Objects.requireNonNull(TYPES.get(component.getType())));
    property.put("description", accessor.getAnnotation(Schema.class).description());
    Min min = accessor.getAnnotation(Min.class);
    if (min != null) {
      property.put("minimum", min.value());
    }
    Max max = accessor.getAnnotation(Max.class);
    if (max != null) {
      property.put("maximum", max.value());
    }
    return property;
  }
}
