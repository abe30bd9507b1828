package dev.rowmill.rest.openapi;

import static dev.rowmill.rest.openapi.Schemas.type;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonRootName;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.http.OrText;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;

/**
 * Describes for the OpenAPI document the records that {@link BodyReader} reads. Bounds come from
 * the annotations that the reader enforces, and descriptions from those of MicroProfile. A record
 * inside of another is a component with the name of its annotation, which is added once. For one
 * thread.
 */
final class BodySchema {

  private static final Map<Class<?>, SchemaType> TYPES =
      Map.of(
          String.class, SchemaType.STRING,
          Boolean.class, SchemaType.BOOLEAN,
          Integer.class, SchemaType.INTEGER,
          Long.class, SchemaType.INTEGER,
          BigDecimal.class, SchemaType.NUMBER,
          ObjectNode.class, SchemaType.OBJECT,
          List.class, SchemaType.ARRAY);

  private final Components components;

  BodySchema(Components components) {
    this.components = components;
  }

  /** Returns the schema of a body that allows no members but the record's. */
  Schema of(Class<?> record, String description) {
    return addTo(type(SchemaType.OBJECT, description), record).additionalPropertiesBoolean(false);
  }

  /** Returns a reference to the component of a record inside of another. */
  private Schema named(Class<?> record) {
    JsonRootName name = record.getAnnotation(JsonRootName.class);
    if (name == null) {
      throw new IllegalStateException("no name of a schema at " + record);
    }
    if (!has(name.value())) {
      String description = record.getAnnotation(JsonClassDescription.class).value();
      components.addSchema(name.value(), of(record, description));
    }
    return Schemas.ref(name.value());
  }

  private boolean has(String name) {
    return components.getSchemas().containsKey(name);
  }

  /** Adds the members of a record to a schema. */
  private Schema addTo(Schema schema, Class<?> record) {
    for (RecordComponent component : record.getRecordComponents()) {
      if (BodyReader.isUnwrapped(component)) {
        addTo(schema, component.getType());
      } else {
        String name = BodyReader.name(component);
        schema.addProperty(name, member(component));
        if (component.getAccessor().isAnnotationPresent(NotNull.class)) {
          schema.addRequired(name);
        }
      }
    }
    return schema;
  }

  private Schema member(RecordComponent component) {
    Method accessor = component.getAccessor();
    var described =
        accessor.getAnnotation(org.eclipse.microprofile.openapi.annotations.media.Schema.class);
    if (described == null) {
      throw new IllegalStateException("no description of " + component);
    }
    if (!described.ref().isEmpty()) {
      return Schemas.ref(described.ref());
    }
    Class<?> type = component.getType();
    if (type.isRecord()) {
      return named(type).description(described.description());
    }
    Schema schema = OASFactory.createSchema().description(described.description());
    if (type != JsonNode.class) {
      schema.addType(TYPES.getOrDefault(type, SchemaType.STRING));
    }
    if (type.isEnum()) {
      schema.enumeration(List.copyOf(BodyReader.texts(type)));
    }
    if (described.additionalProperties() != Void.class) {
      schema.additionalPropertiesSchema(named(described.additionalProperties()));
    }
    if (!described.format().isEmpty()) {
      schema.format(described.format());
    }
    if (described.minLength() > 0) {
      schema.minLength(described.minLength());
    }
    if (type == List.class) {
      schema.items(items(component));
    }
    if (type == Long.class) {
      schema.format("int64");
    }
    if (!described.defaultValue().isEmpty()) {
      schema.defaultValue(preset(type, described.defaultValue()));
    }
    bound(schema, accessor);
    OrText orText = accessor.getAnnotation(OrText.class);
    if (orText != null) {
      // The bounds hold for numbers, and the pattern for texts.
      schema.addType(SchemaType.STRING);
      schema.pattern("^" + orText.text() + "$");
    }
    if (described.maxLength() < Integer.MAX_VALUE) {
      schema.maxLength(described.maxLength());
    }
    return schema;
  }

  private Schema items(RecordComponent component) {
    if (component.getGenericType() instanceof ParameterizedType type
        && type.getActualTypeArguments()[0] instanceof Class<?> item) {
      return item.isRecord() ? named(item) : textOrAny(item);
    }
    return OASFactory.createSchema();
  }

  private static Schema textOrAny(Class<?> item) {
    Schema schema = OASFactory.createSchema();
    return item == String.class ? schema.addType(SchemaType.STRING) : schema;
  }

  private static void bound(Schema schema, Method accessor) {
    Min min = accessor.getAnnotation(Min.class);
    Max max = accessor.getAnnotation(Max.class);
    Size size = accessor.getAnnotation(Size.class);
    if (min != null) {
      schema.minimum(BigDecimal.valueOf(min.value()));
    }
    if (max != null) {
      schema.maximum(BigDecimal.valueOf(max.value()));
    }
    if (size != null && size.min() > 0) {
      schema.minLength(size.min());
    }
    if (size != null && size.max() < Integer.MAX_VALUE) {
      if (accessor.getReturnType() == List.class) {
        schema.maxItems(size.max());
      } else {
        schema.maxLength(size.max());
      }
    }
  }

  private static Object preset(Class<?> type, String text) {
    if (type == Boolean.class) {
      return Boolean.valueOf(text);
    }
    return type == Integer.class ? (Object) Integer.valueOf(text) : text;
  }
}
