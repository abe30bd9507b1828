package dev.rowmill.rest.openapi;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.media.MediaType;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.jspecify.annotations.Nullable;

/**
 * Gives each response that a schema describes an example with all its members. Their values are the
 * examples of the members, or the first that their types allow. For one thread.
 */
final class ResponseExamples {

  private static final String SCHEMAS = "#/components/schemas/";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TIME = "2026-03-01T10:15:00Z";

  private final Components components;

  ResponseExamples(Components components) {
    this.components = components;
  }

  /** Adds an example to each content of a response that refers to a schema and has none. */
  void addTo(APIResponse response) {
    if (response.getContent() == null) {
      return;
    }
    for (MediaType content : response.getContent().getMediaTypes().values()) {
      Schema schema = content.getSchema();
      Object example = content.getExample();
      if (schema != null && isText(schema) && example != null && !(example instanceof String)) {
        // The platform has read the text as JSON.
        content.setExample(JSON.valueToTree(example).toString());
      }
      if (schema == null
          || schema.getRef() == null
          || content.getExample() != null
          || content.getExamples() != null) {
        continue;
      }
      String name = schema.getRef().substring(SCHEMAS.length());
      if (components.getExamples() == null || !components.getExamples().containsKey(name)) {
        components.addExample(
            name,
            OASFactory.createExample()
                .summary(component(schema).getDescription())
                .value(value(schema)));
      }
      content.addExample(name, reference(name));
    }
  }

  private static boolean isText(Schema schema) {
    return schema.getType() != null && schema.getType().contains(SchemaType.STRING);
  }

  /** Returns a reference to an example of the document. */
  static org.eclipse.microprofile.openapi.models.examples.Example reference(String name) {
    return OASFactory.createExample().ref("#/components/examples/" + name);
  }

  private @Nullable Object value(Schema schema) {
    if (schema.getRef() != null) {
      return schema.getRef().endsWith("/" + ProblemSchema.NAME) ? null : value(component(schema));
    } else if (schema.getExamples() != null) {
      return schema.getExamples().get(0);
    } else if (schema.getEnumeration() != null) {
      return schema.getEnumeration().get(0);
    } else if (schema.getAnyOf() != null) {
      return value(schema.getAnyOf().get(0));
    }
    List<SchemaType> types = schema.getType();
    if (types == null || types.contains(SchemaType.NULL)) {
      return null;
    }
    return switch (types.get(0)) {
      case OBJECT -> members(schema);
      case ARRAY -> items(schema);
      case BOOLEAN -> false;
      case INTEGER, NUMBER -> 0;
      default -> text(schema);
    };
  }

  private Map<String, Object> members(Schema schema) {
    Map<String, Object> members = new LinkedHashMap<>();
    if (schema.getProperties() != null) {
      schema.getProperties().forEach((name, member) -> members.put(name, value(member)));
    }
    return members;
  }

  private List<Object> items(Schema schema) {
    List<Object> items = new ArrayList<>();
    if (schema.getItems() != null) {
      items.add(value(schema.getItems()));
    }
    return items;
  }

  private static String text(Schema schema) {
    if ("date-time".equals(schema.getFormat())) {
      return TIME;
    } else if (schema.getDescription() == null) {
      return "…";
    }
    throw new IllegalStateException("no example of: " + schema.getDescription());
  }

  private Schema component(Schema reference) {
    return Schemas.component(components, reference.getRef().substring(SCHEMAS.length()));
  }
}
